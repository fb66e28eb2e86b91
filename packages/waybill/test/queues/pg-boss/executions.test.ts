import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { createWaybill, memoryRecorder, type SettledFact } from '../../../src/index.ts';
import { stubBoss, stubJob } from './stub.ts';

describe('executions that pg-boss names by a job id', () => {
  const recorder = memoryRecorder();
  const waybill = createWaybill({ service: 'test', recorder });
  const settled = () => recorder.facts.filter((fact): fact is SettledFact => fact.kind === 'settled');
  beforeEach(() => recorder.clear());

  test('an early release only counts: a call settles its jobs where it met all of them', async () => {
    const jobs = ['a', 'b'].map((id) => stubJob(id, {}));
    const answers = [
      { requested: 2, affected: 1 },
      { requested: 1, affected: 1 },
    ];
    const { boss } = stubBoss(waybill, { fetch: async () => jobs, complete: async () => answers.shift() });
    await boss['fetch']?.('orders');
    await boss['complete']?.('orders', ['a', 'b']);
    assert.equal(settled().length, 0, 'which of the two it was is not known');
    await boss['complete']?.('orders', 'a');
    assert.deepEqual(
      settled().map(({ broker_id, outcome }) => [broker_id, outcome]),
      [['a', 'ok']],
    );
  });

  test('methods that a release does not have are not made up', () => {
    const { boss } = stubBoss(waybill);
    assert.deepEqual(
      ['publish', 'schedule', 'flow', 'upsert', 'fetch', 'cancel'].filter((name) => name in boss),
      [],
    );
  });

  test('a handler that outlives its attempt does not let go of the next one', async () => {
    const next = stubJob('a', {}, 1);
    const complete = async () => ({ requested: 1, affected: 1, settled: ['a'] });
    const { boss, handle } = stubBoss(waybill, { fetch: async () => [next], complete });
    const first = Promise.withResolvers<void>();
    await boss['work']?.('orders', () => first.promise);
    const outlived = handle([stubJob('a', {})]);
    await boss['fetch']?.('orders');
    first.resolve();
    await outlived;
    await boss['complete']?.('orders', 'a');
    assert.deepEqual(
      settled().map(({ attempt, by }) => [attempt, by]),
      [
        [1, 'return'],
        [2, 'complete'],
      ],
    );
  });

  test('what is fetched and never settled is forgotten after ten thousand more', async () => {
    const jobs = Array.from({ length: 10_001 }, (_, index) => stubJob(`job-${index}`, {}));
    const complete = async (_name: unknown, id: unknown) => ({ requested: 1, affected: 1, settled: [id] });
    const { boss } = stubBoss(waybill, { fetch: async () => jobs, complete });
    await boss['fetch']?.('orders');
    for (const index of [0, 1, 10_000]) await boss['complete']?.('orders', `job-${index}`);
    assert.deepEqual(
      settled().map(({ broker_id }) => broker_id),
      ['job-1', 'job-10000'],
    );
  });
});
