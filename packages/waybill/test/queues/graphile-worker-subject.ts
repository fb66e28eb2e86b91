import { randomBytes } from 'node:crypto';
import {
  Logger,
  makeWorkerUtils,
  parseCronItems,
  type Runner,
  run,
  type Task,
  type WorkerUtils,
} from 'graphile-worker';
import { Pool } from 'pg';
import type { Waybill } from '../../src/core/waybill.ts';
import { PAYLOAD_FIELD } from '../../src/layouts/payload-field.ts';
import { instrumentUtils, wrapTaskList } from '../../src/queues/graphile-worker.ts';
import type { Harness, Subject } from '../../src/testing/case.ts';

const SILENT = new Logger(() => () => {});
const MINUTE_MS = 60_000;

/** A schema of its own, in a database of its own, on a server. */
export interface GraphileSchema {
  readonly schema: string;
  /** To add jobs as somebody else does, and to look at rows. */
  readonly pool: Pool;
  readonly utils: WorkerUtils;
  /** Worker utils that can be instrumented: a second instrumentation would find the first. */
  makeUtils(): Promise<WorkerUtils>;
  work(tasks: Record<string, Task<string> | undefined>, concurrency?: number): Promise<Runner>;
  /** Fires once for each of the last `minutes`, as a worker does that comes back after so long. */
  backfill(tasks: Record<string, Task<string> | undefined>, task: string, minutes: number): Promise<Runner>;
  drop(): Promise<void>;
}

export async function makeSchema(connectionString: string): Promise<GraphileSchema> {
  const schema = `waybill_${randomBytes(4).toString('hex')}`;
  // The library's workers stop where another schema of their database is migrated: tests run beside each other.
  const admin = new Pool({ connectionString, max: 1 });
  await admin.query(`CREATE DATABASE ${schema}`);
  const own = new URL(`/${schema}`, connectionString).href;
  const pool = new Pool({ connectionString: own, max: 12, options: '-c synchronous_commit=off' });
  for (const event of ['error', 'connect'] as const) pool.on(event, () => {}); // else the library warns
  const options = { pgPool: pool, schema, logger: SILENT };
  const makeUtils = () => makeWorkerUtils({ ...options });
  const utils = await makeUtils();
  await utils.migrate();
  await pool.query(withoutWaits(schema));
  const start = (taskList: Record<string, Task<string> | undefined>, rest: object) =>
    run({ ...options, taskList, pollInterval: 50, noHandleSignals: true, ...rest });
  return {
    schema,
    pool,
    utils,
    makeUtils,
    work: (tasks, concurrency = 1) => start(tasks, { concurrency }),
    async backfill(tasks, task, minutes) {
      const since = new Date(Date.now() - (minutes + 1) * MINUTE_MS);
      await pool.query(
        `INSERT INTO ${schema}._private_known_crontabs (identifier, known_since, last_execution) VALUES ($1, $2, $2)`,
        [task, since],
      );
      const options = { backfillPeriod: minutes * MINUTE_MS };
      const parsedCronItems = parseCronItems([{ task, match: '* * * * *', identifier: task, options }]);
      return start(tasks, { parsedCronItems, concurrency: 4 });
    },
    async drop() {
      await utils.release();
      // A runner has stopped before the end of its last jobs is written.
      while (pool.idleCount < pool.totalCount || pool.waitingCount > 0) await new Promise(setImmediate);
      await pool.end();
      await admin.query(`DROP DATABASE ${schema} WITH (FORCE)`);
      await admin.end();
    },
  };
}

/** The library waits for seconds before it tries a job again, and cannot be told otherwise. */
function withoutWaits(schema: string): string {
  return `
    CREATE FUNCTION ${schema}.run_at_once() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN NEW.run_at := now(); RETURN NEW; END $$;
    CREATE TRIGGER run_at_once BEFORE UPDATE ON ${schema}._private_jobs FOR EACH ROW
      WHEN (OLD.locked_at IS NOT NULL AND NEW.locked_at IS NULL) EXECUTE FUNCTION ${schema}.run_at_once()`;
}

/** graphile-worker in a schema; it has no dead-letter queue, no flows, and makes `{}` of no payload. */
export function graphileSubject(name: string, schemaOf: () => GraphileSchema): Subject {
  return {
    name,
    claims: ['bulk', 'concurrency', 'deduplication', 'delay', 'retry', 'schedule', 'stall'],
    async start(waybill) {
      const schema = schemaOf();
      return harnessAround(schema, instrumentUtils(await schema.makeUtils(), waybill), waybill);
    },
  };
}

function harnessAround(schema: GraphileSchema, utils: WorkerUtils, waybill: Waybill): Harness {
  const runners: Runner[] = [];
  const deaths: (() => void)[] = [];
  const failures = new Map<string, string>();
  const keep = (runner: Runner) => {
    runners.push(runner);
    runner.events.on('job:failed', ({ job, error }) => {
      const { name, message } = error as Error;
      failures.set(job.task_identifier, `${name}: ${message}`);
    });
  };
  return {
    async send(destination, payloads, { delayMs, key }) {
      const spec = {
        maxAttempts: 2,
        ...(delayMs === undefined ? {} : { runAt: new Date(Date.now() + delayMs) }),
        ...(key === undefined ? {} : { jobKey: key }),
      };
      if (payloads.length > 1) {
        return utils.addJobs(payloads.map((payload) => ({ identifier: destination, payload, ...spec })));
      }
      const mode = key === undefined ? {} : ({ jobKeyMode: 'unsafe_dedupe' } as const);
      return utils.addJob(destination, payloads[0], { ...spec, ...mode });
    },
    sendForeign(destination, payload, carrier) {
      const carrying = carrier === null ? payload : { ...(payload as object), [PAYLOAD_FIELD]: carrier };
      return schema.utils.addJob(destination, carrying, { maxAttempts: 2 });
    },
    async consume(destination, handler, concurrency) {
      const task: Task<string> = async (payload) => void (await handler(payload));
      keep(await schema.work(wrapTaskList({ [destination]: task }, waybill), concurrency));
    },
    async failureOf(destination) {
      for (;;) {
        const failure = failures.get(destination);
        if (failure !== undefined) return failure;
        await new Promise(setImmediate);
      }
    },
    async schedule(destination) {
      // Its shortest interval is a minute; what it missed it catches up on at once.
      const tasks = { [`${destination} of nobody`]: () => {} };
      keep(await schema.backfill(tasks, destination, 3));
    },
    async consumeAndDie(destination, handler) {
      const dead = new Promise<never>((_, reject) => deaths.push(() => reject(new Error('the worker died'))));
      const taken = Promise.withResolvers<string | null>();
      const task: Task<string> = async (payload, { job }) => {
        await handler(payload);
        taken.resolve(job.locked_by);
        await dead;
      };
      keep(await schema.work(wrapTaskList({ [destination]: task }, waybill)));
      await schema.utils.forceUnlockWorkers([(await taken.promise) ?? '']);
    },
    async close() {
      for (const die of deaths) die();
      await Promise.all(runners.map((runner) => runner.stop()));
      await utils.release();
    },
  };
}
