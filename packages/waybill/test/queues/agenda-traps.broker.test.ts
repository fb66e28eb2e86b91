import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type Agenda, type AgendaOptions, constant, type Job } from 'agenda';
import {
  bind,
  createWaybill,
  current,
  type Fact,
  logFields,
  type SentFact,
  type SettledFact,
  type StartedFact,
} from '../../src/index.ts';
import { PAYLOAD_FIELD, readPayloadField } from '../../src/layouts/payload-field.ts';
import { instrumentAgenda } from '../../src/queues/agenda.ts';
import { missingBroker } from '../brokers/available.ts';
import { type AgendaTable, makeTable } from './agenda-subject.ts';

const missing = await missingBroker('PostgreSQL', 5432);

describe('what is special to Agenda', { skip: missing ?? false }, () => {
  const facts: Fact[] = [];
  let wake = () => {};
  const record = (fact: Fact) => {
    facts.push(fact);
    wake();
  };
  const waybill = createWaybill({ service: 'test', namespace: 'test', recorder: { record } });
  const request = <R>(work: () => R) => waybill.ingress({ operation: 'checkout', tenantId: 'acme' }, work);
  const of = <F>(kind: string) =>
    facts.filter((fact) => fact.kind === kind && fact.kind !== 'dropped' && fact.system === 'agenda') as F[];
  const sent = () => of<SentFact>('sent');
  const started = () => of<StartedFact>('started');
  const settled = () => of<SettledFact>('settled');
  const workers: Agenda[] = [];
  let table: AgendaTable;
  let agenda: Agenda;
  let count = 0;
  let name = '';

  before(async () => {
    table = await makeTable('postgres://postgres@127.0.0.1:5432/postgres');
    agenda = instrumentAgenda(await table.makeAgenda(), waybill);
  });
  after(async () => {
    await Promise.all(workers.map((worker) => worker.stop(false)));
    await table.drop();
  });
  beforeEach(() => {
    name = `special-${++count}`;
    facts.splice(0);
  });

  async function untilSettled(executions: number): Promise<void> {
    while (settled().length < executions) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  type Handler = (job: Job<Record<string, unknown>>) => unknown;

  /** A worker of the test's own jobs. */
  async function work(handler: Handler, options: object = {}, settings: Partial<AgendaOptions> = {}): Promise<Agenda> {
    const worker = instrumentAgenda(await table.makeAgenda(settings), waybill);
    // Whoever has two parameters gets a callback.
    worker.define(name, handler as () => Promise<void>, { lockLifetime: 2000, ...options });
    workers.push(worker);
    await worker.start();
    return worker;
  }

  async function workUntil(executions: number, handler: Handler, options: object = {}): Promise<void> {
    await work(handler, options);
    await untilSettled(executions);
  }

  const rows = async () =>
    (await table.pool.query(`SELECT * FROM "${table.name}" WHERE name = $1 ORDER BY created_at`, [name])).rows;
  const idIn = (data: unknown) => {
    const { envelope } = readPayloadField(data);
    return typeof envelope === 'object' && 'messageId' in envelope ? envelope.messageId : undefined;
  };

  test('every way to send a job carries context, and the job shows its data as it was given', async () => {
    const data = Object.freeze({ a: 1 });
    const ways: Record<string, () => Promise<{ attrs: { data: unknown } }>> = {
      'create and save': () => agenda.create(name, data).save(),
      now: () => agenda.now(name, data),
      schedule: () => agenda.schedule('in 1 hour', name, data),
      nowDebounced: () => agenda.nowDebounced(name, data, { 'data.a': 1 }, 1000),
    };
    for (const [way, send] of Object.entries(ways)) {
      name = `special-${++count}`;
      facts.splice(0);
      const job = await request(send);
      const [row] = await rows();
      assert.equal(job.attrs.data, data, way);
      assert.match(JSON.stringify(row?.data[PAYLOAD_FIELD]), /correlation_id/, way);
      assert.deepEqual([sent().length, sent()[0]?.status, sent()[0]?.broker_id], [1, 'taken', row?.id], way);
      assert.equal(sent()[0]?.not_before !== undefined, way === 'schedule', way);
      const isLater = way === 'schedule' || way === 'nowDebounced';
      assert.equal(JSON.stringify(row?.data).includes('"trace_reason\\":\\"delayed'), isLater, way);
    }
  });

  test('a job is sent by its first save, by whom it is made is nothing; what is saved later is the same message', async () => {
    const job = agenda.create(name, { a: 1 });
    await request(() => job.save());
    job.attrs.data = { a: 2 };
    await request(() => job.save());
    const stored = await rows();
    assert.equal(stored.length, 1);
    assert.equal(stored[0]?.data.a, 2);
    assert.equal(idIn(stored[0]?.data), sent()[0]?.message_id);
    assert.equal(sent().length, 1);
  });

  test('a processor that saves its own job, to run again, leaves it the same message', async () => {
    await request(() => agenda.now(name, { step: 1 }));
    await workUntil(2, async (job) => {
      const { step } = job.attrs.data;
      if (step !== 1) return;
      job.attrs.data = { step: 2 };
      await job.schedule(new Date(Date.now() + 50)).save();
    });
    const [first, second] = started();
    assert.equal(second?.message_id, first?.message_id);
    assert.deepEqual([second?.attempt, second?.redelivered, second?.trace_mode.reason], [1, true, 'redelivery']);
  });

  test('a unique key that inserts only makes a duplicate, and one that updates lets the new message run', async () => {
    for (const [insertOnly, status, standing] of [
      [true, 'duplicate', 0],
      [false, 'taken', 1],
    ] as const) {
      name = `special-${++count}`;
      facts.splice(0);
      for (const a of [1, 2]) {
        const job = agenda.create(name, { key: 'K', a }).unique({ 'data.key': 'K' }, { insertOnly });
        await request(() => job.save());
      }
      assert.deepEqual(
        sent().map((fact) => [fact.status, fact.dedup_key]),
        [
          ['taken', "{ 'data.key': 'K' }"],
          [status, "{ 'data.key': 'K' }"],
        ],
      );
      assert.equal(sent()[1]?.broker_id, sent()[0]?.broker_id);
      await workUntil(1, () => {});
      assert.equal(started()[0]?.message_id, sent()[standing]?.message_id);
      assert.deepEqual([started()[0]?.attempt, started()[0]?.redelivered], [1, false]);
    }
  });

  test('a row that has run before and is saved again is the first arrival of its new message', async () => {
    const save = () => request(() => agenda.create(name, { key: 'K' }).unique({ 'data.key': 'K' }).save());
    await save();
    await workUntil(1, () => {});
    await save();
    await untilSettled(2);
    const [first, second] = started();
    assert.equal(second?.broker_id, first?.broker_id);
    assert.notEqual(second?.message_id, first?.message_id);
    assert.deepEqual([second?.redelivered, second?.trace_mode.reason], [false, 'command']);
  });

  test('a unique key of the whole data still matches: such a job carries nothing, and the loss is a gap', async () => {
    for (const _ of [1, 2]) {
      const job = agenda.create(name, { a: 1 }).unique({ data: { a: 1 } }, { insertOnly: true });
      await request(() => job.save());
    }
    assert.equal((await rows()).length, 1);
    assert.equal(of('gap').length, 2);
    assert.deepEqual(
      sent().map(({ status }) => status),
      ['unknown', 'unknown'], // nothing in the row says whose it is
    );
  });

  test('a processor with a callback is done when it says so, and keeps its scope until then', async () => {
    for (const data of [{ fails: false }, { fails: true }]) await request(() => agenda.now(name, data));
    const lines: Record<string, unknown>[] = [];
    const takesDone = ({ attrs }: Job<Record<string, unknown>>, done: (error?: Error) => void) => {
      setImmediate(() => {
        lines.push(logFields());
        done(attrs.data['fails'] ? new RangeError('no stock') : undefined);
      });
    };
    const worker = await work(takesDone as Handler);
    assert.equal(worker.definitions[name]?.fn.length, 2);
    await untilSettled(2);
    assert.deepEqual(
      settled()
        .map(({ outcome, error }) => `${outcome} ${error?.message}`)
        .sort(),
      ['dead no stock', 'ok undefined'],
    );
    assert.deepEqual(
      lines.map(({ late, tenant_id }) => [late, tenant_id]),
      [
        [undefined, 'acme'],
        [undefined, 'acme'],
      ],
    );
  });

  test('a processor with a callback that throws, or whose promise rejects, has failed', async () => {
    for (const way of ['throws', 'rejects']) await request(() => agenda.now(name, { way }));
    const takesDone = ({ attrs }: Job<Record<string, unknown>>, _done: () => void) => {
      if (attrs.data['way'] === 'rejects') return Promise.reject(new Error('rejects'));
      throw new Error('throws');
    };
    await workUntil(2, takesDone as Handler);
    assert.deepEqual(
      settled()
        .map(({ outcome, error }) => `${outcome} ${error?.message}`)
        .sort(),
      ['dead rejects', 'dead throws'],
    );
  });

  test('a retry says when it will come, and the hooks of a failure run in the scope of their message', async () => {
    const hooks: Record<string, unknown> = {};
    await request(() => {
      bind({ order_id: 'ORD-1' });
      return agenda.now(name, {});
    });
    const worker = await work(() => Promise.reject(new Error('no stock')), {
      backoff: constant({ delay: 100, maxRetries: 1 }),
    });
    let retryAt: number | undefined;
    for (const event of ['fail', 'retry', 'retry exhausted', `complete:${name}`] as const) {
      worker.on(event as 'retry', (_job, details) => {
        hooks[event] = logFields()['order_id'];
        retryAt ??= details?.nextRunAt?.getTime();
      });
    }
    await untilSettled(2);
    assert.deepEqual(hooks, {
      fail: 'ORD-1',
      retry: 'ORD-1',
      'retry exhausted': 'ORD-1',
      [`complete:${name}`]: 'ORD-1',
    });
    assert.deepEqual(
      settled().map(({ outcome, retry_at, attempt }) => [outcome, retry_at, attempt]),
      [
        ['retry', retryAt, 1],
        ['dead', undefined, 2],
      ],
    );
  });

  test('a job that the app itself reschedules when it has failed is tried again, and is not dead', async () => {
    const again = new Date(Date.now() + 300);
    await request(() => agenda.now(name, {}));
    const worker = await work(() => {
      if (settled().length === 0) throw new Error('no stock');
    });
    worker.on(`fail:${name}`, (_error, job) => void (job as Job).schedule(again));
    await untilSettled(2);
    assert.deepEqual(
      settled().map(({ outcome, retry_at, attempt }) => [outcome, retry_at, attempt]),
      [
        ['retry', again.getTime(), 1],
        ['ok', undefined, 2],
      ],
    );
  });

  test('a listener that throws makes the library fail the job, whatever its processor has returned', async () => {
    await request(() => agenda.now(name, {}));
    const worker = await work(() => {});
    worker.on(`success:${name}`, () => {
      throw new Error('the listener');
    });
    await untilSettled(1);
    assert.deepEqual([settled()[0]?.outcome, settled()[0]?.error?.message], ['dead', 'the listener']);
  });

  test('in a process that was forked for one job, its processor runs in the workflow of the job', async () => {
    for (const fails of [false, true]) await request(() => agenda.now(name, { fails }));
    const child = instrumentAgenda(await table.makeAgenda({ forkedWorker: true }), waybill);
    const seen: unknown[] = [];
    const take = async ({ attrs }: Job<{ fails: boolean }>) => {
      seen.push([attrs.data, current()?.correlationId]);
      await child.now(name, {}); // nothing is saved from there
      if (attrs.data.fails) throw new Error('no stock');
    };
    child.define<{ fails: boolean }>(name, take);
    const [first, second] = await rows();
    await child.runForkedJob(first.id);
    await assert.rejects(child.runForkedJob(second.id), /no stock/);
    const workflows = sent().map(({ correlation_id }) => correlation_id);
    assert.deepEqual(seen, [
      [{ fails: false }, workflows[0]],
      [{ fails: true }, workflows[1]],
    ]);
    assert.deepEqual(
      [...settled(), ...sent().slice(2)].map((fact) => ('outcome' in fact ? fact.outcome : fact.status)),
      ['ok', 'failed', 'refused', 'refused'],
    );
  });
});
