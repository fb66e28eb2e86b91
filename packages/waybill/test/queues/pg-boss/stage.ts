import { after, before } from 'node:test';
import { PgBoss } from 'pg-boss';
import { createWaybill, type Fact, memoryRecorder, type Waybill } from '../../../src/index.ts';
import { instrumentBoss } from '../../../src/queues/pg-boss/pg-boss.ts';

type Kind = Fact['kind'];
type FactOf<K extends Kind> = Extract<Fact, { kind: K }>;

/** An instrumented PgBoss in a schema of its own, and what its tests ask of it. */
export interface Stage {
  readonly waybill: Waybill;
  readonly boss: PgBoss;
  readonly schema: string;
  /** Another instance on the same tables, without Waybill. */
  connect(options?: object): Promise<PgBoss>;
  /** A queue for one test alone. */
  queueOf(options?: object): Promise<string>;
  request<R>(work: () => R): R;
  /** The facts so far of one kind, without those of requests. */
  facts<K extends Kind>(kind: K): FactOf<K>[];
  forget(): void;
  /** Runs the handler until so many of its executions are settled. */
  workUntil(queue: string, settled: number, handler: (jobs: WorkJob[]) => unknown, options?: object): Promise<void>;
}

export interface WorkJob {
  readonly id: string;
  readonly data: unknown;
}

/** A stage on the server at `connectionString`, for the tests of the suite that is being described. */
export function stageAt(connectionString: string): Stage {
  const schema = `waybill_test_${process.pid}`;
  const recorder = memoryRecorder();
  const waybill = createWaybill({ service: 'test', recorder });
  const make = (options: object = {}) => {
    const boss = new PgBoss({ connectionString, schema, supervise: false, schedule: false, max: 4, ...options });
    return boss.on('error', (error) => console.error(error));
  };
  const boss = instrumentBoss(make(), waybill);
  let count = 0;
  const facts = <K extends Kind>(kind: K) =>
    recorder.facts.filter(
      (fact): fact is FactOf<K> => fact.kind === kind && (!('system' in fact) || fact.system === 'pg_boss'),
    );
  before(() => boss.start());
  after(async () => {
    await boss.getDb().executeSql(`DROP SCHEMA ${schema} CASCADE`);
    await boss.stop({ graceful: false });
  });
  return {
    waybill,
    boss,
    schema,
    connect: (options) => make(options).start(),
    async queueOf(options = {}) {
      const queue = `queue-${++count}`;
      await boss.createQueue(queue, options);
      recorder.clear();
      return queue;
    },
    request: (work) => waybill.ingress({ operation: 'checkout', tenantId: 'acme' }, work),
    facts,
    forget: () => recorder.clear(),
    async workUntil(queue, settled, handler, options = {}) {
      const done = Promise.withResolvers<void>();
      const isOver = () => facts('settled').filter((fact) => fact.subscription === queue).length >= settled;
      await boss.work(queue, { pollingIntervalSeconds: 0.5, ...options }, async (jobs) => {
        try {
          return await handler(jobs);
        } finally {
          setImmediate(() => isOver() && done.resolve());
        }
      });
      await done.promise;
      await boss.offWork(queue, { wait: true });
    },
  };
}
