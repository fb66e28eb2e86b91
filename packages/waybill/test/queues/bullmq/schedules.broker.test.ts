import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { JobsOptions, Queue } from 'bullmq';
import { bind } from '../../../src/index.ts';
import { type BullmqRun, MAJORS, noRedis, startRun } from './bullmq-run.ts';

const TICKS = 1000;

for (const major of MAJORS) {
  describe(`schedules of ${major.name}`, { skip: noRedis }, () => {
    let run: BullmqRun;
    before(() => {
      run = startRun(major);
    });
    after(() => run.close());

    /** Lets the schedule fire until so many ticks are settled, and stops it. */
    async function untilTicked(queue: Queue, schedulerId: string, count: number) {
      await run.untilSettled(queue.name, count);
      await queue.removeJobScheduler(schedulerId);
    }

    test(`${TICKS} ticks are ${TICKS} workflows, each the root of its own, also with several workers`, async () => {
      const queue = run.queue('fast');
      await run.request(() => {
        bind({ order_id: 'ORD-1' });
        return queue.upsertJobScheduler('metrics', { every: 1 }, { name: 'measure', opts: { removeOnComplete: true } });
      });
      for (const concurrency of [1, 4]) run.work('fast', async () => {}, { concurrency });
      await untilTicked(queue, 'metrics', TICKS);
      const ticks = run.facts('started', 'fast').slice(0, TICKS);
      assert.equal(new Set(ticks.map(({ correlation_id }) => correlation_id)).size, TICKS);
      for (const {
        message_id,
        correlation_id,
        causation_id,
        schedule_id,
        due_at,
        tenant_id,
        broker_id,
        bindings,
      } of ticks) {
        assert.match(message_id, /^tick_/);
        assert.deepEqual([correlation_id, causation_id, schedule_id], [message_id, null, 'fast:metrics']);
        assert.deepEqual([tenant_id, bindings, broker_id], ['acme', undefined, `repeat:metrics:${due_at}`]);
      }
      assert.deepEqual(run.facts('sent', 'fast'), [], 'a template is no message');
    });

    test('two schedules of one name in two queues are two, and a retry of a tick is the same tick', async () => {
      const schedule = { pattern: '* * * * * *' };
      const queues = ['nightly-a', 'nightly-b'].map((name) => run.queue(name));
      const opts = { attempts: 2 };
      for (const queue of queues) await queue.upsertJobScheduler('nightly', schedule, { name: 'report', opts });
      for (const { name } of queues) run.work(name, () => Promise.reject(new Error('no disk')));
      for (const queue of queues) await untilTicked(queue, 'nightly', 2);
      const [a, again] = run.facts('started', 'nightly-a');
      const [b] = run.facts('started', 'nightly-b');
      assert.deepEqual([again?.message_id, again?.attempt], [a?.message_id, 2]);
      assert.notEqual(a?.message_id, b?.message_id);
    });

    test('a job with `repeat` is what this major makes of it', async () => {
      const queue = run.queue('repeat');
      const opts = { repeat: { every: 50 } } as JobsOptions; // version 6 has no type for it, and apps still write it
      await run.request(() => queue.add('measure', {}, opts));
      run.work('repeat', async () => {});
      const isRepeating = major.name === 'bullmq 5';
      await run.untilSettled('repeat', isRepeating ? 3 : 1);
      const started = run.facts('started', 'repeat');
      assert.equal(new Set(started.map(({ correlation_id }) => correlation_id)).size, started.length);
      const isTick = started.map(
        ({ message_id, causation_id }) => message_id.startsWith('tick_') && causation_id === null,
      );
      assert.deepEqual(new Set(isTick), new Set([isRepeating]));
      assert.equal(run.facts('sent', 'repeat').length, isRepeating ? 0 : 1);
    });

    test('a schedule that another service made without us is one of ticks all the same', async () => {
      await run.plainQueue('plain').upsertJobScheduler('theirs', { every: 50 });
      run.work('plain', async () => {});
      await run.untilSettled('plain', 2);
      const [first, second] = run.facts('started', 'plain');
      assert.deepEqual([first?.tenant_id, first?.schedule_id], ['system', 'plain:theirs']);
      assert.notEqual(first?.message_id, second?.message_id);
    });
  });
}
