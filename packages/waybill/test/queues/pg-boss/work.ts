import assert from 'node:assert/strict';
import { test } from 'node:test';
import { current } from '../../../src/index.ts';
import { instrumentBoss, runJob } from '../../../src/queues/pg-boss/pg-boss.ts';
import type { Stage } from './stage.ts';

export function working({ waybill, boss, connect, queueOf, request, facts, workUntil }: Stage): void {
  test('a redriven job is the message that it was, arrives again, and counts its attempts from one', async () => {
    const dead = await queueOf();
    const queue = await queueOf({ retryLimit: 1, retryDelay: 0, deadLetter: dead });
    await request(() => boss.send(queue, { a: 1 }));
    const fail = () => {
      throw new Error('no stock');
    };
    await workUntil(queue, 2, fail);
    while ((await boss.findJobs(dead)).length === 0) await new Promise(setImmediate);
    assert.equal(await boss.redrive(dead), 1);
    await workUntil(queue, 3, ([job]) => assert.deepEqual(job?.data, { a: 1 }));
    const [sent] = facts('sent');
    assert.deepEqual(
      facts('started').map(({ message_id, attempt, redelivered, dead_lettered, trace_mode }) => [
        message_id === sent?.message_id,
        attempt,
        redelivered,
        dead_lettered,
        trace_mode.reason,
      ]),
      [
        [true, 1, false, undefined, 'command'],
        [true, 2, true, undefined, 'retry'],
        [true, 1, true, undefined, 'redelivery'],
      ],
    );
    assert.deepEqual(
      facts('settled').map(({ outcome }) => outcome),
      ['retry', 'dead', 'ok'],
    );
    assert.equal(new Set(facts('started').map(({ broker_id }) => broker_id)).size, 2);
  });

  test('a result that says deadletter is final, whatever retries are left', async () => {
    const dead = await queueOf();
    const queue = await queueOf({ retryLimit: 5, deadLetter: dead });
    await request(() => boss.send(queue, { a: 1 }));
    const giveUp = ([job]: { readonly id: string }[]) => [
      { id: job?.id, status: 'deadletter', output: new Error('poison') },
    ];
    await workUntil(queue, 1, giveUp, { perJobResults: true });
    const [settled] = facts('settled');
    assert.deepEqual([settled?.outcome, settled?.by, settled?.error?.message], ['dead', 'deadletter', 'poison']);
    await workUntil(dead, 1, () => {});
    assert.equal(facts('started')[1]?.dead_lettered, true);
  });

  test('of two results for one job the last counts, as it does for pg-boss, and one of no kind is none', async () => {
    const queue = await queueOf({ retryLimit: 0 });
    await request(() => boss.insert(queue, [{ data: { a: 1 } }, { data: { a: 2 } }]));
    const judge = ([first, second]: { readonly id: string }[]) => [
      { id: first?.id, status: 'failed' },
      { id: first?.id, status: 'completed' },
      { id: first?.id, status: 'perhaps' },
      { id: second?.id, status: 'completed' },
      { id: second?.id, status: 'failed', output: new Error('no stock') },
    ];
    await workUntil(queue, 2, judge, { perJobResults: true, batchSize: 2 });
    const states = new Map((await boss.findJobs(queue)).map(({ id, state }) => [id, state]));
    assert.deepEqual(
      facts('settled').map(({ broker_id, outcome }) => [states.get(broker_id ?? ''), outcome]),
      [
        ['completed', 'ok'],
        ['failed', 'dead'],
      ],
    );
  });

  test('in a batch, what is run in one job sends in its name', async () => {
    const [queue, receipts] = [await queueOf(), await queueOf()];
    await request(() => boss.insert(queue, [{ data: { a: 1 } }, { data: { a: 2 } }]));
    const causes: unknown[] = [];
    const handler = async (jobs: { readonly id: string }[]) => {
      for (const job of jobs) {
        await runJob(job, () => {
          causes.push(current()?.messageId);
          return boss.send(receipts, { a: 1 });
        });
      }
    };
    await workUntil(queue, 2, handler, { batchSize: 2 });
    const [first, second, ...sent] = facts('sent');
    assert.deepEqual(
      sent.map(({ causation_id }) => causation_id),
      causes,
    );
    assert.deepEqual(new Set(causes), new Set([first?.message_id, second?.message_id]));
  });

  test('a handler that fails its own job has failed, whatever it returns', async () => {
    const queue = await queueOf({ retryLimit: 0 });
    await request(() => boss.send(queue, { a: 1 }));
    await workUntil(queue, 1, async ([job]) => {
      await boss.fail(queue, job?.id ?? '', new Error('no stock'));
      await boss.send(queue, { late: false }, { startAfter: 60 });
      return 'as if all were well';
    });
    assert.deepEqual(
      facts('settled').map(({ outcome, error }) => [outcome, error?.message]),
      [['dead', 'no stock']],
    );
    assert.equal(facts('sent')[1]?.late, undefined, 'its handler has not ended yet');
  });

  test('a parent of a flow is worked in a pool of one connection, also where its transaction holds it', async () => {
    for (const transactional of [false, true]) {
      const [child, parent] = [await queueOf(), await queueOf()];
      await request(() =>
        boss.flow([
          { ref: 'parent', name: parent, dependsOn: ['child'] },
          { ref: 'child', name: child },
        ]),
      );
      await workUntil(child, 1, () => {});
      await boss.resolveFlow();
      const narrow = instrumentBoss(await connect({ max: 1 }), waybill);
      const worked = Promise.withResolvers<void>();
      await narrow.work(parent, { pollingIntervalSeconds: 0.5, transactional }, async () => worked.resolve());
      await worked.promise;
      await narrow.stop({ graceful: true });
      assert.equal((await boss.findJobs(parent))[0]?.state, 'completed');
    }
  });
}
