import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { bind, current, logFields } from '../../../src/index.ts';
import { runJob } from '../../../src/queues/pg-boss/pg-boss.ts';
import type { Stage } from './stage.ts';

export function fetching({ boss, queueOf, request, facts, forget, workUntil }: Stage): void {
  test('data comes as it was sent, the job is started when it is fetched, and ends as its consumer says', async () => {
    const queue = await queueOf({ retryLimit: 1, retryDelay: 0 });
    await request(() => boss.send(queue, { order: 'ORD-1' }));
    const [first] = await boss.fetch(queue);
    assert.ok(first !== undefined);
    assert.deepEqual([first.data, first.retryCount], [{ order: 'ORD-1' }, 0]);
    assert.equal(facts('started').length, 1);
    await boss.fail(queue, first.id, new Error('no stock'));
    const [second] = await boss.fetch(queue, Object.freeze({ batchSize: 1 }));
    await boss.complete(queue, second?.id ?? '', { done: true });
    assert.deepEqual(
      facts('settled').map(({ outcome, attempt, by, error }) => [outcome, attempt, by, error?.message]),
      [
        ['retry', 1, 'retryLimit', 'no stock'],
        ['ok', 2, 'complete', undefined],
      ],
    );
    assert.equal(new Set(facts('started').map(({ message_id }) => message_id)).size, 1);
    assert.equal(new Set(facts('started').map(({ execution_id }) => execution_id)).size, 2);
  });

  test('what is run in a fetched job is in its workflow, has its bindings, and sends in its name', async () => {
    const [queue, receipts] = [await queueOf(), await queueOf()];
    await request(() => {
      bind({ order_id: 'ORD-1' });
      return boss.send(queue, { a: 1 });
    });
    const [job] = await boss.fetch(queue);
    assert.ok(job !== undefined);
    assert.equal(current(), undefined, 'a fetch enters no scope');
    await runJob(job, async () => {
      assert.equal(logFields()['order_id'], 'ORD-1');
      await boss.send(receipts, { a: 1 });
    });
    await boss.complete(queue, job.id);
    const [sent, receipt] = facts('sent');
    assert.deepEqual(
      [receipt?.causation_id, receipt?.correlation_id, receipt?.late],
      [sent?.message_id, sent?.correlation_id, undefined],
    );
    assert.equal(runJob({}, current), undefined, 'a job of somebody else runs where it is');
  });

  test('of several jobs each ends by itself, and one that nobody settles stays open', async () => {
    const queue = await queueOf({ retryLimit: 0 });
    await request(() => boss.insert(queue, [{ data: { a: 1 } }, { data: { a: 2 } }, { data: { a: 3 } }, {}]));
    const jobs = await boss.fetch<{ a: number } | null>(queue, { batchSize: 4 });
    const jobOf = (a: number | undefined) => jobs.find(({ data }) => data?.a === a) ?? assert.fail();
    const [ok, alsoOk, failed, left] = [jobOf(1), jobOf(2), jobOf(3), jobOf(undefined)];
    await boss.complete(queue, [ok.id, alsoOk.id, randomUUID()]);
    await boss.fail(queue, [failed.id]);
    const messageOf = (id: string) => facts('started').find(({ broker_id }) => broker_id === id)?.message_id;
    const outcomes = new Map(facts('settled').map(({ message_id, outcome }) => [message_id, outcome]));
    assert.deepEqual(
      [ok, alsoOk, failed, left].map(({ id }) => outcomes.get(messageOf(id) ?? '')),
      ['ok', 'ok', 'dead', undefined],
    );
    assert.equal(left.data, null);
  });

  test('the attempt that is over by now settles nothing', async () => {
    const queue = await queueOf({ retryLimit: 2, retryDelay: 0 });
    await request(() => boss.send(queue, { a: 1 }));
    const [stale] = await boss.fetch(queue);
    assert.ok(stale !== undefined);
    await boss.fail(queue, stale);
    await boss.fetch(queue);
    forget();
    await boss.complete(queue, { id: stale.id, retryCount: 0 });
    assert.equal(facts('settled').length, 0);
    await boss.complete(queue, { id: stale.id, retryCount: 1 });
    await boss.complete(queue, stale.id);
    assert.deepEqual(
      facts('settled').map(({ outcome, attempt }) => [outcome, attempt]),
      [['ok', 2]],
    );
  });

  test('a job that is withdrawn before it ran is discarded; one that has run is not', async () => {
    for (const way of ['cancel', 'deleteJob'] as const) {
      const queue = await queueOf();
      const id = await request(() => boss.send(queue, { a: 1 }));
      assert.ok(id !== null);
      await boss[way](queue, [id]);
      assert.deepEqual(
        facts('discarded').map(({ message_id, how, broker_id }) => [message_id, how, broker_id]),
        [[facts('sent')[0]?.message_id, 'cancelled', id]],
        way,
      );
      const other = await request(() => boss.send(queue, { a: 2 }));
      await workUntil(queue, 1, () => {});
      forget();
      await boss[way](queue, other ?? '');
      assert.equal(facts('discarded').length, 0, way);
    }
  });

  test('a job that is withdrawn while it runs is handed back, and discarded; not by an attempt that is over', async () => {
    const queue = await queueOf({ retryLimit: 1, retryDelay: 0 });
    await request(() => boss.send(queue, { a: 1 }));
    const [stale] = await boss.fetch(queue);
    assert.ok(stale !== undefined);
    await boss.fail(queue, stale.id);
    const [job] = await boss.fetch(queue);
    assert.ok(job !== undefined);
    for (const attempt of [stale, job]) {
      assert.equal(facts('discarded').length, 0);
      await boss.cancel(queue, attempt);
    }
    const settled = facts('settled').at(-1);
    assert.deepEqual(
      [settled?.outcome, settled?.by, settled?.attempt, facts('discarded')[0]?.message_id],
      ['released', 'cancel', 2, facts('sent')[0]?.message_id],
    );
  });

  test('what pg-boss refuses it refuses in its own words', async () => {
    const queue = await queueOf();
    const hostile = boss as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    for (const way of ['complete', 'fail', 'cancel', 'deleteJob']) {
      await assert.rejects(async () => hostile[way]?.(queue), /id/, way);
      await assert.rejects(async () => hostile[way]?.(queue, [5, null]), /id|job/, way);
    }
    await assert.rejects(async () => hostile['cancel']?.(queue, 'no uuid'), /uuid/);
    await assert.rejects(async () => hostile['fetch']?.(), /queue name/);
    await assert.rejects(async () => hostile['fetch']?.(queue, { batchSize: -1 }), /batchSize/);
    assert.equal(facts('started').length, 0);
  });
}
