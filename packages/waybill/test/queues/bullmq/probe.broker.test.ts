import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Queue } from 'bullmq';
import { probeQueue, probeWorker } from '../../../src/queues/bullmq/bullmq.ts';
import { type BullmqRun, MAJORS, noRedis, startRun } from './bullmq-run.ts';

for (const major of MAJORS) {
  describe(`what ${major.name} says of a queue`, { skip: noRedis }, () => {
    let run: BullmqRun;
    beforeEach(() => {
      run = startRun(major);
    });
    afterEach(() => run.close());

    /** Added so long ago, as its sender's clock had it. */
    const since = (ms: number) => ({ timestamp: Date.now() - ms });

    test('an empty one: nothing waits, and nobody works for it', async () => {
      assert.deepEqual(await reportOf(run.queue('orders')), {
        name: 'orders',
        kind: 'queue',
        system: 'bullmq',
        depth: 0,
        oldest_ms: 0,
        consumers: 0,
      });
    });

    test('its name and system are those of the facts', async () => {
      const queue = run.queue('orders');
      await run.request(() => queue.add('ship', {}));
      const [sent] = run.facts('sent');
      const { name, system } = await reportOf(queue);
      assert.deepEqual([name, system], [sent?.destination, sent?.system]);
    });

    test('what waits, and for how long the oldest: without what is delayed, worked on or done', async () => {
      const queue = run.queue('orders');
      const { promise: goOn, resolve: release } = Promise.withResolvers<void>();
      const begun = Promise.withResolvers<void>();
      await run.request(() => queue.add('taken', {}));
      run.work('orders', () => {
        begun.resolve();
        return goOn;
      });
      await begun.promise;
      await queue.add('older', {}, since(5000));
      await queue.add('newer', {}, since(2000));
      await queue.add('later', {}, { delay: 60_000 });
      const { depth, oldest_ms = 0 } = await reportOf(queue);
      release();
      assert.equal(depth, 2);
      assert.ok(oldest_ms >= 5000 && oldest_ms < 20_000, `${oldest_ms}`);
      await run.untilSettled('orders', 3);
    });

    test('of a queue that is paused they wait all the same', async () => {
      const queue = run.queue('orders');
      await queue.add('ship', {}, since(5000));
      await queue.pause();
      await queue.add('ship', {});
      const { depth, oldest_ms = 0 } = await reportOf(queue);
      assert.equal(depth, 2);
      assert.ok(oldest_ms >= 5000);
    });

    test('how long a delayed job waits is counted from when it was ready', async () => {
      const queue = run.queue('orders');
      const job = await queue.add('ship', {}, { ...since(60_000), delay: 55_000 });
      if ((await job.getState()) === 'delayed') await job.promote();
      const { oldest_ms = 0 } = await reportOf(queue);
      assert.ok(oldest_ms >= 5000 && oldest_ms < 30_000, `${oldest_ms}`);
    });

    const UNTOLD: [what: string, put: (queue: Queue) => Promise<unknown>][] = [
      ['one with a priority is among them', (queue) => queue.add('ship', {}, { priority: 2 })],
      ['one was put in front', (queue) => queue.add('ship', {}, { lifo: true })],
      [
        'one was made to run before its time',
        async (queue) => (await queue.add('ship', {}, { delay: 60_000 })).promote(),
      ],
    ];
    for (const [what, put] of UNTOLD) {
      test(`how long the oldest waits is left out where ${what}`, async () => {
        const queue = run.queue('orders');
        await put(queue);
        const report = await reportOf(queue);
        assert.deepEqual([report.depth, 'oldest_ms' in report], [1, false]);
      });
    }

    test('how long the oldest waits is left out where it is a retry', async () => {
      const queue = run.queue('orders');
      await run.request(() => queue.add('ship', {}, { attempts: 2 }));
      const worker = run.work('orders', async () => {
        await queue.pause();
        throw new Error('no stock');
      });
      await run.untilSettled('orders', 1);
      await worker.close();
      const report = await reportOf(queue);
      assert.deepEqual([report.depth, 'oldest_ms' in report], [1, false]);
    });

    test('workers that are connected count, and those of another queue do not', async () => {
      const workers = ['orders', 'orders', 'other'].map((name) => run.work(name, async () => {}));
      await Promise.all(workers.map((worker) => worker.waitUntilReady()));
      assert.equal((await reportOf(run.queue('orders'))).consumers, 2);
    });

    test('how often a job is tried, where the queue says it for all', async () => {
      const queue = run.queue('orders', { defaultJobOptions: { attempts: 5 } });
      assert.equal((await reportOf(queue)).max_attempts, 5);
    });

    test('a worker says for how long it locks its jobs', async () => {
      const worker = run.work('orders', async () => {}, { lockDuration: 45_000 });
      await worker.waitUntilReady();
      assert.deepEqual(await probeWorker(worker)(), {
        name: 'orders',
        kind: 'queue',
        system: 'bullmq',
        lease_ms: 45_000,
      });
    });
  });
}

/** As it is sent: what is undefined is not there. */
const reportOf = async (queue: Queue) => JSON.parse(JSON.stringify(await probeQueue(queue)()));
