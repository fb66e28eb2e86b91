import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import type { JobHelpers, Runner, TaskList, WorkerUtils } from 'graphile-worker';
import {
  createWaybill,
  current,
  memoryRecorder,
  type SentFact,
  type SettledFact,
  type StartedFact,
} from '../../src/index.ts';
import { PAYLOAD_FIELD } from '../../src/layouts/payload-field.ts';
import { instrumentUtils, type TaskListLike, type UtilsLike, wrapTaskList } from '../../src/queues/graphile-worker.ts';

const recorder = memoryRecorder();
const waybill = createWaybill({ service: 'test', namespace: 'test', recorder });
const facts = <F>(kind: string) => recorder.facts.filter((fact) => fact.kind === kind) as F[];

/** What the library hands to a task, in release 0.18; `addJobs` is missing in 0.16. */
function helpersOf(job: object, added: unknown[] = []) {
  const addJob = async (...args: unknown[]) => {
    added.push(args);
    return { id: '2', revision: 0 };
  };
  return Object.freeze({
    job: {
      id: '1',
      task_identifier: 'orders',
      payload: {},
      attempts: 1,
      max_attempts: 25,
      key: null,
      revision: 0,
      created_at: new Date(0),
      locked_at: new Date(1000),
      last_error: null,
      ...job,
    },
    addJob,
  });
}

/** A wrapped task, called as the worker calls it. */
function called(task: (payload: unknown, helpers: JobHelpers) => unknown, payload: unknown, helpers: unknown) {
  const { orders } = wrapTaskList({ orders: task }, waybill);
  return orders(payload, helpers as JobHelpers);
}

beforeEach(() => recorder.clear());

test('the real clients and task lists of graphile-worker fit', () => {
  const fits: [UtilsLike, UtilsLike, UtilsLike, TaskListLike] = [
    {} as WorkerUtils,
    {} as Runner,
    {} as JobHelpers,
    {} as TaskList,
  ];
  assert.equal(fits.length, 4);
});

test('something that adds no jobs is refused, and the message names what it lacks', () => {
  assert.throws(() => instrumentUtils({} as WorkerUtils, waybill), { code: 'CLIENT_UNFIT', message: /"addJob"/ });
});

test('a runner has no addJobs, and gets none', async () => {
  const runner = instrumentUtils({ addJob: async () => ({ id: '1', revision: 0 }) }, waybill);
  assert.equal('addJobs' in runner, false);
  assert.equal(instrumentUtils(runner, waybill), runner);
  await (runner.addJob as (...args: unknown[]) => Promise<unknown>)('orders', {});
  assert.equal(facts('sent').length, 1);
});

describe('sending', () => {
  const calls: unknown[][] = [];
  const answer = async (...args: unknown[]) => {
    calls.push(args);
    return undefined;
  };
  const utils = instrumentUtils(
    { addJob: answer, addJobs: answer } as Record<string, typeof answer> & UtilsLike,
    waybill,
  );
  const hostile = utils as unknown as Record<'addJob' | 'addJobs', (...args: unknown[]) => Promise<unknown>>;
  beforeEach(() => void calls.splice(0));

  test('wrong arguments reach the library as they are, and make no fact', async () => {
    for (const args of [[], [7, {}], [null]]) await hostile.addJob(...args);
    for (const specs of [undefined, 'orders', [], [null], [{}]]) await hostile.addJobs(specs);
    assert.deepEqual(calls.slice(3), [[undefined], ['orders'], [[]], [[null]], [[{}]]]);
    assert.equal(facts('sent').length, 0);
  });

  test("the caller's own objects are left alone, also frozen ones", async () => {
    const spec = Object.freeze({ identifier: 'orders', payload: Object.freeze({ id: 1 }), maxAttempts: 3 });
    await hostile.addJobs(Object.freeze([spec, spec]), true);
    await hostile.addJob('orders', spec.payload, Object.freeze({ maxAttempts: 3 }));
    const [[specs, preserve], [, payload, options]] = calls as [[object[], boolean], [string, object, object]];
    assert.deepEqual([specs.length, preserve, options], [2, true, { maxAttempts: 3 }]);
    assert.deepEqual(Object.keys(payload), ['id', PAYLOAD_FIELD]);
    assert.deepEqual(spec, { identifier: 'orders', payload: { id: 1 }, maxAttempts: 3 });
  });

  test('only what is to run later is delayed', async () => {
    await hostile.addJob('orders', {}, { runAt: new Date(Date.now() - 1) });
    await hostile.addJob('orders', {}, { runAt: new Date(Date.now() + 60_000) });
    assert.deepEqual(
      facts<SentFact>('sent').map(({ not_before }) => not_before !== undefined),
      [false, true],
    );
  });

  test('an answer that the library does not give leaves the send unknown', async () => {
    await hostile.addJob('orders', {});
    await hostile.addJobs([{ identifier: 'orders' }]);
    // A row of nulls: the job of the key was locked at that very moment.
    const locked = instrumentUtils({ addJob: async () => ({ id: null, revision: null }) }, waybill);
    await (locked.addJob as (...args: unknown[]) => Promise<unknown>)('orders', {}, { jobKey: 'once' });
    assert.deepEqual(
      facts<SentFact>('sent').map(({ status }) => status),
      ['unknown', 'unknown', 'unknown'],
    );
  });
});

describe('tasks', () => {
  test('a wrapped task has the name and the length of its own, and what is no task stays', () => {
    const list = Object.freeze({ orders: async function take(_payload: unknown) {}, gone: undefined });
    const wrapped = wrapTaskList(list, waybill);
    assert.deepEqual([wrapped.orders.name, wrapped.orders.length, wrapped.gone], ['take', 1, undefined]);
    assert.notEqual(wrapped.orders, list.orders);
  });

  test('a list that is wrapped twice runs its tasks once', async () => {
    const twice = wrapTaskList(wrapTaskList({ orders: () => {} }, waybill), waybill);
    await (twice.orders as (...args: unknown[]) => unknown)({}, helpersOf({}));
    assert.equal(facts('started').length, 1);
  });

  test('a task that somebody else calls than the worker runs as it is', async () => {
    for (const helpers of [undefined, {}, { job: {} }]) {
      assert.equal(await called((payload) => [payload, current()].length, { id: 1 }, helpers), 2);
    }
    assert.equal(recorder.facts.length, 0);
  });

  test('helpers without addJobs, as of release 0.16, and frozen ones, add jobs in the workflow of theirs', async () => {
    const added: unknown[][] = [];
    await called((_payload, helpers) => helpers.addJob('receipts', {}), {}, helpersOf({}, added));
    const [receipt] = facts<SentFact>('sent');
    assert.equal(receipt?.causation_id, facts<StartedFact>('started')[0]?.message_id);
    assert.match(JSON.stringify(added), /correlation_id/);
  });

  test('the payload that the library holds is not touched: of a batch it puts back what failed', async () => {
    const payload = Object.freeze([{ x: 1, [PAYLOAD_FIELD]: { waybill: 'broken' } }]);
    const job = Object.freeze({ payload });
    const seen = await called((received) => received, payload, helpersOf(job));
    assert.deepEqual(seen, [{ x: 1 }]);
    assert.deepEqual(Object.keys(payload[0] ?? {}), ['x', PAYLOAD_FIELD]);
  });

  test('two lines of a crontab for one task are two schedules, unless they have keys', async () => {
    const _cron = { ts: '2026-11-26T04:00:00.000Z', backfilled: false };
    const ticks: [payload: object, key: string | null][] = [
      [{ _cron }, null],
      [{ kind: 'daily', _cron }, null],
      [{ kind: 'weekly', _cron }, null],
      [{ kind: 'weekly', _cron }, 'weekly'],
    ];
    for (const [payload, key] of ticks) await called(() => {}, payload, helpersOf({ payload, key }));
    const started = facts<StartedFact>('started');
    const ids = started.map(({ schedule_id }) => schedule_id);
    assert.deepEqual([ids[0], ids[3]], ['orders', 'weekly']);
    assert.match(ids[1] ?? '', /^orders#[0-9a-f]{8}$/);
    assert.equal(new Set(started.map(({ message_id }) => message_id)).size, 4);
    assert.deepEqual([...new Set(started.map(({ due_at }) => due_at))], [Date.parse(_cron.ts)]);
  });

  test('a pool that hands out dates as text does not stop the job', async () => {
    const dates = { created_at: '2026-11-26', locked_at: '2026-11-26' };
    assert.equal(await called(() => 'done', {}, helpersOf(dates)), 'done');
    const [started] = facts<StartedFact>('started');
    assert.deepEqual([started?.enqueued_at, started?.lease_until], [undefined, undefined]);
  });

  test('one rejected element makes its message fail, unless the library would not look at it', async () => {
    const fails = Promise.reject(new Error('no stock'));
    const outcomes: [result: unknown[], outcome: string][] = [
      [[1, fails], 'retry'],
      [[fails], 'ok'], // as many as there are elements, or none of it counts
    ];
    for (const [result] of outcomes) await called(() => result, [{ x: 1 }, { x: 2 }], helpersOf({}));
    assert.deepEqual(
      facts<SettledFact>('settled').map(({ outcome }) => outcome),
      outcomes.map(([, outcome]) => outcome),
    );
  });

  test('a row whose key was used again is older than its message, and does not say when that was enqueued', async () => {
    for (const revision of [0, 1]) await called(() => {}, {}, helpersOf({ revision }));
    assert.deepEqual(
      facts<StartedFact>('started').map(({ enqueued_at }) => enqueued_at),
      [0, undefined],
    );
  });

  test('the lease of a job is the four hours after which the library takes it for abandoned', async () => {
    await called(() => {}, {}, helpersOf({}));
    assert.equal(facts<StartedFact>('started')[0]?.lease_until, 1000 + 4 * 60 * 60 * 1000);
  });
});
