import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Job, type JobInsert, PgBoss, type SendOptions } from 'pg-boss';
import { pino } from 'pino';
import { bind, createWaybill, current, memoryRecorder, type SentFact, type SettledFact } from '../../src/index.ts';
import { PAYLOAD_FIELD } from '../../src/layouts/payload-field.ts';
import { mixin } from '../../src/loggers/pino.ts';
import { instrumentBoss } from '../../src/queues/pg-boss/pg-boss.ts';
import { CASES, runCase, skipReason } from '../../src/testing/testing.ts';
import { startPglite } from '../brokers/pglite.ts';
import { FEATURES } from './pg-boss/features.ts';
import { stageAt } from './pg-boss/stage.ts';
import { pgBossSubject } from './pg-boss-subject.ts';

const postgres = await startPglite();
after(() => postgres.close());
const subject = pgBossSubject('pg-boss on embedded PGlite', postgres.connectionString);

describe(subject.name, () => {
  for (const each of CASES)
    test(each.outcome, { skip: skipReason(each, subject) ?? false }, () => runCase(subject, each));
});

describe('what is special to pg-boss, on embedded PGlite', () => {
  const stage = stageAt(postgres.connectionString);
  for (const [title, define] of Object.entries(FEATURES)) describe(title, () => define(stage));
});

describe('sending to pg-boss and working for it', () => {
  const recorder = memoryRecorder();
  const waybill = createWaybill({ service: 'test', recorder });
  const plain = new PgBoss({
    connectionString: postgres.connectionString,
    schema: 'special',
    supervise: false,
    max: 4,
  });
  const boss = instrumentBoss(plain, waybill);
  const request = <R>(work: () => R) => waybill.ingress({ operation: 'checkout', tenantId: 'acme' }, work);
  const sent = () => recorder.facts.filter((fact): fact is SentFact => fact.kind === 'sent');
  const settled = () =>
    recorder.facts.filter((fact): fact is SettledFact => fact.kind === 'settled' && fact.system === 'pg_boss');
  const dataOf = async (queue: string) => (await boss.findJobs<Record<string, unknown>>(queue))[0]?.data;
  let count = 0;

  /** A queue of its own for each test, and no facts yet. */
  async function queueOf(options: { retryLimit?: number; expireInSeconds?: number } = {}): Promise<string> {
    const queue = `special-${++count}`;
    await boss.createQueue(queue, options);
    recorder.clear();
    return queue;
  }

  /** Works on the queue until `jobs` of its executions are settled. */
  async function workUntil(queue: string, jobs: number, options: object, handler: (jobs: Job<unknown>[]) => unknown) {
    const done = Promise.withResolvers<void>();
    await boss.work(queue, { pollingIntervalSeconds: 0.5, ...options }, async (batch) => {
      try {
        return await handler(batch);
      } finally {
        setImmediate(() => settled().length >= jobs && done.resolve());
      }
    });
    await done.promise;
    await boss.offWork(queue, { wait: true });
  }

  /** A job from another system's client: nothing of ours in it, and later than what is there. */
  const plainSend = (queue: string) =>
    boss
      .getDb()
      .executeSql("INSERT INTO special.job (name, data, created_on) VALUES ($1, '{}', now() + interval '1 second')", [
        queue,
      ]);

  before(async () => {
    plain.on('error', (error) => console.error(error));
    await plain.start();
  });
  after(() => boss.stop({ graceful: true, timeout: 2000 }));

  test('every way to send one job carries context', async () => {
    const ways: Record<string, (queue: string) => Promise<unknown>> = {
      'send(name, data)': (queue) => boss.send(queue, { a: 1 }),
      'send({ name, data })': (queue) => boss.send({ name: queue, data: { a: 1 } }),
      sendAfter: (queue) => boss.sendAfter(queue, { a: 1 }, null, 60),
      sendThrottled: (queue) => boss.sendThrottled(queue, { a: 1 }, null, 60),
      sendDebounced: (queue) => boss.sendDebounced(queue, { a: 1 }, null, 60),
      insert: (queue) => boss.insert(queue, [{ data: { a: 1 } }]),
    };
    for (const [way, sendTo] of Object.entries(ways)) {
      const queue = await queueOf();
      await request(() => sendTo(queue));
      const data = await dataOf(queue);
      assert.match(JSON.stringify(data?.[PAYLOAD_FIELD]), /correlation_id/, way);
      assert.equal(data?.['a'], 1, way);
      assert.equal(sent().length, 1, way);
    }
  });

  test('a singleton that is there already is a duplicate, and the caller gets null as ever', async () => {
    const queue = await queueOf();
    const options: SendOptions = { singletonKey: 'daily', singletonSeconds: 60 };
    const ids = await request(async () => [await boss.send(queue, {}, options), await boss.send(queue, {}, options)]);
    assert.equal(ids[1], null);
    assert.deepEqual(
      sent().map(({ status, dedup_key }) => [status, dedup_key]),
      [
        ['taken', 'daily'],
        ['duplicate', 'daily'],
      ],
    );
  });

  test('a bulk tells for each job whether it was taken, and answers the caller only what it asked for', async () => {
    const queue = await queueOf();
    const job: JobInsert = { data: { a: 1 }, singletonKey: 'once', singletonSeconds: 60 };
    const answer = await request(() => boss.insert(queue, [job, { data: { a: 2 } }, job]));
    assert.equal(answer, null);
    assert.deepEqual(
      sent().map(({ status }) => status),
      ['taken', 'taken', 'duplicate'],
    );
    const ids = await request(() => boss.insert(queue, [{ data: { a: 3 } }, { data: { a: 4 } }], { returnId: true }));
    assert.equal(ids?.length, 2);
    assert.deepEqual(
      sent()
        .slice(3)
        .map(({ broker_id }) => broker_id),
      ids,
    );
  });

  test("a send on the app's own connection is created, not sent: its transaction may be rolled back", async () => {
    const queue = await queueOf();
    await request(() => boss.send(queue, {}, { db: boss.getDb() }));
    assert.deepEqual(
      recorder.facts.map(({ kind }) => kind),
      ['started', 'created', 'settled'],
    );
  });

  test('a send that fails rejects with the error of pg-boss, and what became of it is unknown', async () => {
    recorder.clear();
    await assert.rejects(
      request(() => boss.send('no-such-queue', {})),
      /no-such-queue/,
    );
    assert.deepEqual(
      sent().map(({ status }) => status),
      ['unknown'],
    );
  });

  test('wrong arguments get the error of pg-boss, and no fact', async () => {
    recorder.clear();
    const hostile = boss as unknown as Record<'send' | 'insert' | 'work', (...args: unknown[]) => Promise<unknown>>;
    await assert.rejects(() => hostile.send(), /name/i);
    await assert.rejects(() => hostile.insert('x', 'y'), /array/);
    await assert.rejects(() => hostile.work('x', 'no function'), /handler|callback|function/i);
    assert.equal(recorder.facts.length, 0);
  });

  test('an interval in the words of Postgres is a delay: the job is linked, not a child', async () => {
    const queue = await queueOf();
    await request(() => boss.send(queue, { a: 1 }, { startAfter: '2 hours' }));
    const data = await dataOf(queue);
    assert.match(JSON.stringify(data?.[PAYLOAD_FIELD]), /trace_mode\\":\\"L\\"/);
  });

  test('instrumenting twice sends once', async () => {
    const queue = await queueOf();
    instrumentBoss(boss, waybill);
    await request(() => boss.send(queue, {}));
    assert.equal(sent().length, 1);
  });

  test('a batch is one execution, with an item for each job and the bindings that all share', async () => {
    const queue = await queueOf();
    for (const order of ['ORD-1', 'ORD-2']) {
      await request(() => {
        bind({ order, region: 'eu' });
        return boss.send(queue, { order });
      });
    }
    let seen: unknown;
    await workUntil(queue, 2, { batchSize: 2 }, (jobs) => {
      // Jobs of one millisecond come in any order.
      const orders = jobs.map(({ data }) => (data as { order: string }).order).sort();
      seen = [orders, current()?.messageId.slice(0, 4)];
    });
    assert.deepEqual(seen, [['ORD-1', 'ORD-2'], 'bat_']);
    assert.equal(new Set(settled().map(({ execution_id }) => execution_id)).size, 1);
    assert.equal(new Set(settled().map(({ message_id }) => message_id)).size, 2);
    assert.deepEqual(
      settled().map(({ outcome }) => outcome),
      ['ok', 'ok'],
    );
  });

  test('results for each job settle each job', async () => {
    const queue = await queueOf({ retryLimit: 0 });
    await request(() => boss.insert(queue, [{ data: { a: 1 } }, { data: { a: 2 } }, { data: { a: 3 } }]));
    await workUntil(queue, 3, { batchSize: 3, perJobResults: true }, (jobs) => {
      const [first, second] = jobs; // and nothing is said of the third
      return [
        { id: first?.id, status: 'completed' },
        { id: second?.id, status: 'failed', output: new Error('no stock') },
      ];
    });
    assert.deepEqual(
      settled().map(({ outcome, error }) => [outcome, error?.message]),
      [
        ['ok', undefined],
        ['dead', 'no stock'],
        ['dead', 'The handler gave no result for the job.'],
      ],
    );
  });

  test('in the lines of pino nothing of a job is in the next one, also when it throws or leaves a timer running', async () => {
    const lines: Record<string, unknown>[] = [];
    const log = pino({ mixin, base: null }, { write: (line: string) => lines.push(JSON.parse(line)) });
    const timer = Promise.withResolvers<void>();
    const ends: Record<string, () => void> = {
      returns: () => {},
      throws: () => {
        throw new Error('no stock');
      },
      'leaves a timer': () => {
        setTimeout(() => {
          log.info('late');
          timer.resolve();
        }, 50);
      },
    };
    for (const [end, leave] of Object.entries(ends)) {
      const queue = await queueOf({ retryLimit: 0 });
      await request(() => {
        bind({ order_id: 'ORD-1' });
        return boss.send(queue, { isFirst: true });
      });
      await plainSend(queue);
      await workUntil(queue, 2, {}, ([job]) => {
        log.info(end);
        const { isFirst } = (job?.data ?? {}) as { isFirst?: true };
        if (isFirst) leave();
      });
      const [first, second] = lines.filter(({ msg }) => msg === end);
      assert.deepEqual(
        [first?.['order_id'], first?.['tenant_id'], first?.['operation']],
        ['ORD-1', 'acme', 'checkout'],
      );
      const own = ['attempt', 'correlation_id', 'execution_id', 'level', 'message_id', 'msg', 'time', 'trace_id'];
      assert.deepEqual(Object.keys(second ?? {}).sort(), own, end);
      assert.notEqual(second?.['correlation_id'], first?.['correlation_id']);
    }
    await timer.promise;
    const late = lines.find(({ msg }) => msg === 'late');
    assert.deepEqual([late?.['order_id'], late?.['late']], ['ORD-1', true]);
  });

  test('a handler that outlives the time of its job has failed, whatever it returns', async () => {
    const queue = await queueOf({ retryLimit: 0, expireInSeconds: 1 });
    await request(() => boss.send(queue, { a: 1 }));
    await workUntil(queue, 1, {}, async ([job]) => {
      await new Promise((resolve) => job?.signal?.addEventListener('abort', resolve));
      return 'as if all were well';
    });
    assert.deepEqual(
      settled().map(({ outcome }) => outcome),
      ['dead'],
    );
  });

  test('a payload that is no object goes as it is, and the loss is a gap on both sides', async () => {
    const queue = await queueOf();
    await request(() => boss.send(queue, [1, 2]));
    let seen: unknown;
    await workUntil(queue, 1, {}, ([job]) => {
      seen = job?.data;
    });
    assert.deepEqual(seen, [1, 2]);
    assert.equal(recorder.facts.filter(({ kind }) => kind === 'gap').length, 2);
  });

  test('a database adapter that hands out dates as text does not stop the job', async () => {
    type Worker = (jobs: object[]) => Promise<unknown>;
    let worker: Worker | undefined;
    const methods = ['send', 'sendAfter', 'sendThrottled', 'sendDebounced', 'insert'];
    const foreign = Object.fromEntries(methods.map((name) => [name, async () => null]));
    const work = async (_name: string, _options: object, handler: Worker) => {
      worker = handler;
      return 'id';
    };
    const stub = instrumentBoss({ ...foreign, work } as unknown as PgBoss, waybill);
    recorder.clear();
    await stub.work('orders', async ([job]) => job?.data);
    const dates = { createdOn: '2026-03-17 14:02:11', startedOn: '2026-03-17 14:02:12' };
    const job = {
      id: '1',
      name: 'orders',
      data: { a: 1 },
      retryCount: 0,
      retryLimit: 0,
      expireInSeconds: 900,
      ...dates,
    };
    assert.deepEqual(await worker?.([job]), { a: 1 });
    assert.equal(settled()[0]?.outcome, 'ok');
  });

  test('something that is no PgBoss is refused, and the message names what it lacks', () => {
    assert.throws(() => instrumentBoss({} as PgBoss, waybill), { code: 'CLIENT_UNFIT', message: /"send"/ });
  });
});
