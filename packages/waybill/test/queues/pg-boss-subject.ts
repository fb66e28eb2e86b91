import { PgBoss } from 'pg-boss';
import { PAYLOAD_FIELD } from '../../src/layouts/payload-field.ts';
import { instrumentBoss } from '../../src/queues/pg-boss.ts';
import type { Harness, Subject } from '../../src/testing/case.ts';

const POLL = { pollingIntervalSeconds: 0.5 };
/** Two attempts without a wait; then the dead-letter queue. */
const QUEUE = { retryLimit: 1, retryDelay: 0 };

/** pg-boss on the server at `connectionString`. */
export function pgBossSubject(name: string, connectionString: string): Subject {
  return {
    name,
    claims: ['bulk', 'concurrency', 'dead letter', 'delay', 'no payload', 'retry'],
    async start(waybill) {
      // Upkeep would only take connections from the cases.
      const boss = new PgBoss({
        connectionString,
        schema: 'waybill_conformance',
        supervise: false,
        schedule: false,
        max: 4,
      });
      boss.on('error', (error) => console.error('pg-boss:', error));
      await boss.start();
      return harnessAround(boss, instrumentBoss(boss, waybill));
    },
  };
}

function harnessAround(boss: PgBoss, instrumented: PgBoss): Harness {
  const queues = new Map<string, Promise<void>>();
  const queueOf = (destination: string): Promise<void> => {
    const made = queues.get(destination) ?? makeQueue(boss, destination);
    queues.set(destination, made);
    return made;
  };
  return {
    async send(destination, payloads, { delayMs }) {
      await queueOf(destination);
      const options = delayMs === undefined ? {} : { startAfter: delayMs / 1000 };
      const [only] = payloads as object[];
      if (payloads.length === 1) return instrumented.send(destination, only, options);
      return instrumented.insert(
        destination,
        (payloads as object[]).map((data) => ({ data, ...options })),
      );
    },
    async sendForeign(destination, payload, carrier) {
      await queueOf(destination);
      const data = carrier === null ? payload : { ...(payload as object), [PAYLOAD_FIELD]: carrier };
      // The row that another system's client would insert: ours is not on its way.
      await boss
        .getDb()
        .executeSql('INSERT INTO waybill_conformance.job (name, data) SELECT $1, $2::jsonb', [
          destination,
          JSON.stringify(data),
        ]);
    },
    async consume(destination, handler, concurrency) {
      await queueOf(destination);
      await instrumented.work(destination, { ...POLL, localConcurrency: concurrency }, async ([job]) =>
        handler(job?.data),
      );
    },
    async failureOf(destination) {
      for (;;) {
        const [job] = await boss.findJobs<object>(destination, {});
        if (job?.state === 'failed') {
          const { name, message } = job.output as { name: string; message: string };
          return `${name}: ${message}`;
        }
      }
    },
    close: () => boss.stop({ graceful: true, timeout: 5000 }),
  };
}

async function makeQueue(boss: PgBoss, destination: string): Promise<void> {
  if (destination.startsWith('dead.')) return boss.createQueue(destination);
  await boss.createQueue(`dead.${destination}`);
  await boss.createQueue(destination, { ...QUEUE, deadLetter: `dead.${destination}` });
}
