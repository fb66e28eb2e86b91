import { setTimeout as pause } from 'node:timers/promises';
import { PgBoss } from 'pg-boss';
import type { Waybill } from '../../src/core/waybill.ts';
import { PAYLOAD_FIELD } from '../../src/layouts/payload-field.ts';
import { instrumentBoss } from '../../src/queues/pg-boss/pg-boss.ts';
import type { Handler, Harness, Subject } from '../../src/testing/case.ts';

const SCHEMA = 'waybill_conformance';
const POLL = { pollingIntervalSeconds: 0.5 };
/** Two attempts without a wait; then the dead-letter queue. */
const QUEUE = { retryLimit: 1, retryDelay: 0 };
/** Of one key one job is taken in each such slot; a day, so that no case meets its end but at midnight. */
const KEY_SECONDS = 86_400;

/** pg-boss on the server at `connectionString`; `ownOptions` are the library's own. */
export function pgBossSubject(name: string, connectionString: string, ownOptions: object = {}): Subject {
  const connect = async (options: object = {}): Promise<PgBoss> => {
    // Upkeep would only take connections from the cases.
    const boss = new PgBoss({
      connectionString,
      schema: SCHEMA,
      supervise: false,
      schedule: false,
      monitorIntervalSeconds: 1,
      max: 4,
      ...ownOptions,
      ...options,
    });
    boss.on('error', (error) => console.error('pg-boss:', error));
    await boss.start();
    return boss;
  };
  return {
    name,
    claims: [
      'bulk',
      'concurrency',
      'dead letter',
      'deduplication',
      'delay',
      'flow',
      'no payload',
      'retry',
      'schedule',
      'stall',
    ],
    async start(waybill) {
      const boss = await connect();
      return harnessAround(boss, instrumentBoss(boss, waybill), waybill, connect);
    },
  };
}

function harnessAround(
  boss: PgBoss,
  instrumented: PgBoss,
  waybill: Waybill,
  connect: (options?: object) => Promise<PgBoss>,
): Harness {
  const queues = new Map<string, Promise<void>>();
  const queueOf = (destination: string): Promise<void> => {
    const made = queues.get(destination) ?? makeQueue(boss, destination);
    queues.set(destination, made);
    return made;
  };
  const closing: (() => Promise<unknown>)[] = [];
  let isClosed = false;
  return {
    async send(destination, payloads, { delayMs, key }) {
      await queueOf(destination);
      const delay = delayMs === undefined ? {} : { startAfter: delayMs / 1000 };
      const once = key === undefined ? {} : { singletonKey: key, singletonSeconds: KEY_SECONDS };
      const options = { ...delay, ...once };
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
        .executeSql(`INSERT INTO ${SCHEMA}.job (name, data) SELECT $1, $2::jsonb`, [destination, JSON.stringify(data)]);
    },
    async consume(destination, handler, concurrency) {
      await queueOf(destination);
      await workWith(instrumented, destination, handler, concurrency);
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
    async schedule(destination, scheduleId, payload) {
      await queueOf(destination);
      // A rule that is due every second makes a job for each minute of the last sixty seconds, which are mostly two.
      await instrumented.schedule(destination, 'FREQ=SECONDLY', payload as object, { key: scheduleId });
      // Ticks are sent by whichever instance keeps the time; this one knows nothing of context.
      const timekeeper = await connect({ schedule: true, cronMonitorIntervalSeconds: 1, cronWorkerIntervalSeconds: 1 });
      closing.push(async () => {
        await boss.unschedule(destination, scheduleId);
        await timekeeper.stop({ graceful: false });
      });
    },
    async sendFlow(parent, children, payload) {
      for (const destination of [parent, ...children]) await queueOf(destination);
      const refs = children.map((_, index) => `child-${index}`);
      const nodes = children.map((name, index) => ({ ref: refs[index] ?? '', name, data: payload as object }));
      await instrumented.flow([{ ref: 'parent', name: parent, data: payload as object, dependsOn: refs }, ...nodes]);
      const resolveFlows = async () => {
        while (!isClosed) {
          await boss.resolveFlow();
          await pause(100);
        }
      };
      const resolved = resolveFlows();
      closing.push(() => resolved);
    },
    async consumeAndDie(destination, handler) {
      await queueOf(destination);
      const mortal = await connect();
      const died = Promise.withResolvers<void>();
      const die = async (payload: unknown) => {
        await handler(payload);
        mortal.removeAllListeners('error').on('error', () => {}); // it can tell nobody any more
        await (mortal.getDb() as unknown as { close(): Promise<void> }).close(); // sound: the pool that it made itself
        died.resolve();
        return new Promise(() => {});
      };
      await boss.getDb().executeSql(`UPDATE ${SCHEMA}.job SET expire_seconds = 1 WHERE name = $1`, [destination]);
      await workWith(instrumentBoss(mortal, waybill), destination, die, 1);
      await died.promise;
      closing.push(() => mortal.stop({ graceful: false }).catch(() => {}));
      // What an instance with upkeep does by itself: it finds that the job's time is over.
      while ((await boss.findJobs(destination))[0]?.state === 'active') {
        await boss.supervise(destination);
        await pause(100);
      }
    },
    async close() {
      isClosed = true;
      for (const close of closing) await close();
      await boss.stop({ graceful: true, timeout: 5000 });
    },
  };
}

async function workWith(boss: PgBoss, destination: string, handler: Handler, concurrency: number): Promise<void> {
  await boss.work(destination, { ...POLL, localConcurrency: concurrency }, async ([job]) => handler(job?.data));
}

async function makeQueue(boss: PgBoss, destination: string): Promise<void> {
  if (destination.startsWith('dead.')) return boss.createQueue(destination);
  await boss.createQueue(`dead.${destination}`);
  await boss.createQueue(destination, { ...QUEUE, deadLetter: `dead.${destination}` });
}
