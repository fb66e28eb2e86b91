import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DelayedError, type Job, RateLimitError, UnrecoverableError, WaitingError } from 'bullmq';
import { bind, current, logFields } from '../../../src/index.ts';
import { wrapProcessor } from '../../../src/queues/bullmq/bullmq.ts';
import { type BullmqRun, MAJORS, noRedis, startRun } from './bullmq-run.ts';

for (const major of MAJORS) {
  describe(`what ${major.name} runs`, { skip: noRedis }, () => {
    let run: BullmqRun;
    before(() => {
      run = startRun(major);
    });
    after(() => run.close());

    const outcomes = (queue: string) =>
      run.facts('settled', queue).map(({ outcome, by, attempt }) => [outcome, by, attempt]);

    test('a delivery says its attempt, its job, when it was added, and until when its worker may hold it', async () => {
      const job = await run.request(() => run.queue('fields').add('ship', {}, { attempts: 3 }));
      run.work('fields', async () => {}, { lockDuration: 20_000 });
      await run.untilSettled('fields', 1);
      const [started] = run.facts('started', 'fields');
      assert.deepEqual(
        [started?.attempt, started?.max_attempts, started?.delivery_count, started?.redelivered, started?.broker_id],
        [1, 3, 1, false, job.id],
      );
      assert.deepEqual([started?.enqueued_at, started?.event_type], [job.timestamp, 'ship']);
      assert.ok((started?.lease_until ?? 0) > job.timestamp + 15_000);
    });

    test('a failure is a retry with its time while attempts are left, and dead after the last', async () => {
      await run.request(() =>
        run.queue('backoff').add('job', {}, { attempts: 2, backoff: { type: 'fixed', delay: 50 } }),
      );
      run.work('backoff', () => Promise.reject(new Error('no stock')));
      await run.untilSettled('backoff', 2);
      assert.deepEqual(outcomes('backoff'), [
        ['retry', 'failed', 1],
        ['dead', 'failed', 2],
      ]);
      const [retry, dead] = run.facts('settled', 'backoff');
      const waitMs = (retry?.retry_at ?? 0) - (retry?.at ?? 0);
      assert.ok(waitMs >= 45 && waitMs <= 55, `the backoff of 50 ms, and not ${waitMs}`);
      assert.equal(dead?.retry_at, undefined);
    });

    test('an unrecoverable error is dead at once, and so is a backoff that says stop', async () => {
      await run.request(() => run.queue('final').add('unrecoverable', {}, { attempts: 5 }));
      await run.request(() => run.queue('final').add('stop', {}, { attempts: 5, backoff: { type: 'stop' } }));
      const fail = async ({ name }: Job) => {
        throw name === 'stop' ? new Error('no stock') : new UnrecoverableError('no such order');
      };
      run.work('final', fail, { settings: { backoffStrategy: () => -1 } });
      await run.untilSettled('final', 2);
      assert.deepEqual(outcomes('final'), [
        ['dead', 'failed', 1],
        ['dead', 'failed', 1],
      ]);
    });

    test('a job that is put off by its handler is released, and comes again as the same attempt', async () => {
      const queue = run.queue('put-off');
      const errors: Record<string, (job: Job, token: string) => Promise<Error>> = {
        DelayedError: async (job, token) => {
          await job.moveToDelayed(Date.now() + 20, token);
          return new DelayedError();
        },
        WaitingError: async (job, token) => {
          await job.moveToWait(token);
          return new WaitingError();
        },
        RateLimitError: async () => {
          await queue.rateLimit(20);
          return new RateLimitError();
        },
      };
      const worker = run.work(
        'put-off',
        async (job, token = '') => {
          if (job.attemptsStarted === 1) throw await errors[job.name]?.(job, token);
        },
        { limiter: { max: 100, duration: 1000 } },
      );
      await worker.waitUntilReady();
      let expected = 0;
      for (const name of Object.keys(errors)) {
        await run.request(() => queue.add(name, {}));
        expected += 2;
        await run.untilSettled('put-off', expected);
        const [first, second] = run.facts('settled', 'put-off').slice(-2);
        assert.deepEqual([first?.outcome, first?.by, second?.outcome], ['released', name, 'ok']);
        const [, again] = run.facts('started', 'put-off').slice(-2);
        assert.deepEqual([again?.attempt, again?.delivery_count, again?.redelivered], [1, 2, true]);
        assert.equal(first?.message_id, second?.message_id);
      }
    });

    test("an error of the app's own that is only called RateLimitError is a failure", async () => {
      await run.request(() => run.queue('named-alike').add('job', {}));
      run.work('named-alike', async () => {
        throw Object.assign(new Error('429 from the supplier'), { name: 'RateLimitError' });
      });
      await run.untilSettled('named-alike', 1);
      assert.deepEqual(outcomes('named-alike'), [['dead', 'failed', 1]]);
    });

    test('a failed job that is retried by hand is the same message, in its third attempt', async () => {
      const queue = run.queue('by-hand');
      const job = await run.request(() => queue.add('job', {}, { attempts: 2 }));
      let isMended = false;
      run.work('by-hand', async () => {
        if (!isMended) throw new Error('no stock');
      });
      await run.untilSettled('by-hand', 2);
      isMended = true;
      await (await queue.getJob(job.id ?? ''))?.retry();
      await run.untilSettled('by-hand', 3);
      const facts = run.facts('started', 'by-hand');
      assert.deepEqual(
        facts.map(({ attempt }) => attempt),
        [1, 2, 3],
      );
      const ids = facts.map(({ message_id, correlation_id, causation_id }) =>
        [message_id, correlation_id, causation_id].join(),
      );
      assert.equal(new Set(ids).size, 1);
      assert.equal(new Set(facts.map(({ execution_id }) => execution_id)).size, 3);
    });

    test('listeners of the worker see no scope, wherever it was made; those of `failed` see that of the job', async () => {
      const seen: string[] = [];
      const told = (event: string) => seen.push(`${event} ${logFields()['order_id'] ?? 'in no scope'}`);
      const queue = run.queue('events');
      const drained = Promise.withResolvers<void>();
      await run.request(() => queue.addBulk(['first', 'fails', 'last'].map((name) => ({ name, data: {} }))));
      const worker = run.request(() => {
        bind({ order_id: 'of the start-up' });
        return run.work('events', async ({ name }) => {
          bind({ order_id: name });
          if (name === 'fails') throw new Error('no stock');
        });
      });
      worker.on('active', () => told('active'));
      worker.on('completed', () => told('completed'));
      worker.on('failed', () => told('failed'));
      worker.on('drained', () => {
        told('drained');
        drained.resolve();
      });
      await drained.promise;
      assert.deepEqual([...new Set(seen)].sort(), [
        'active in no scope',
        'completed in no scope',
        'drained in no scope',
        'failed fails',
      ]);
      assert.equal(current(), undefined);
    });

    test('a processor gets its signal by its own length', async () => {
      const signals: unknown[] = [];
      await run.queue('rest').add('job', {});
      await run.queue('three').add('job', {});
      const three = async (_job: Job, _token?: string, signal?: AbortSignal) => signals.push(signal?.constructor.name);
      const rest = async (...all: unknown[]) => signals.push(all[2]?.constructor.name);
      run.work('three', three);
      run.work('rest', rest);
      await run.untilSettled('rest', 1);
      await run.untilSettled('three', 1);
      assert.deepEqual(signals.map(String).sort(), ['AbortSignal', 'undefined']);
    });

    test('a job that stalled too often is dead, although no handler ran for it', async () => {
      const job = await run.request(() => run.queue('stalled').add('job', {}, { attempts: 3 }));
      const taken = Promise.withResolvers<void>();
      const hang = () => {
        taken.resolve();
        return new Promise(() => {});
      };
      const dying = run.work('stalled', hang, { lockDuration: 100, stalledInterval: 50 });
      await taken.promise;
      await dying.close(true);
      let runs = 0;
      run.work('stalled', async () => ++runs, { maxStalledCount: 0, stalledInterval: 50 });
      await run.untilSettled('stalled', 1);
      const [settled] = run.facts('settled', 'stalled');
      assert.deepEqual([settled?.outcome, settled?.broker_id, runs], ['dead', job.id, 0]);
      assert.match(settled?.error?.message ?? '', /stalled more than allowable limit/);
      assert.deepEqual(
        run
          .facts('started', 'stalled')
          .map(({ attempt, delivery_count, redelivered }) => [attempt, delivery_count, redelivered]),
        [
          [1, 1, false],
          [1, 2, true],
        ],
      );
    });

    test('a handler whose job was taken away says nothing of its end', async () => {
      const queue = run.queue('taken-away');
      const job = await run.request(() => queue.add('job', {}));
      const refused = Promise.withResolvers<unknown>();
      const worker = run.work('taken-away', async () => {
        const { client } = queue.getBackend?.() ?? (queue as unknown as { client: Promise<never> });
        await ((await client) as { del(key: string): Promise<unknown> }).del(`${queue.toKey(job.id ?? '')}:lock`);
      });
      worker.on('error', refused.resolve);
      assert.match(String(await refused.promise), /lock/);
      assert.deepEqual(run.facts('settled', 'taken-away'), []);
    });

    test('a processor that is wrapped and has an instrumented worker too runs once, in one execution', async () => {
      const seen: unknown[] = [];
      await run.request(() => run.queue('wrapped').add('job', {}));
      run.work(
        'wrapped',
        wrapProcessor(async () => seen.push(current()?.executionId), run.waybill),
      );
      const [settled] = await run.untilSettled('wrapped', 1);
      assert.deepEqual(seen, [settled?.execution_id]);
      assert.equal(run.facts('started', 'wrapped').length, 1);
    });

    for (const useWorkerThreads of [false, true]) {
      test(`a sandboxed ${useWorkerThreads ? 'thread' : 'process'} runs in the execution of its worker`, async () => {
        const name = useWorkerThreads ? 'thread' : 'process';
        const queue = run.queue(name);
        const job = await run.request(() => {
          bind({ order_id: 'ORD-1' });
          return queue.add('job', {});
        });
        run.work(name, fileURLToPath(import.meta.resolve('./sandboxed.ts')), {
          useWorkerThreads,
          // Those of a test runner are not for it.
          workerForkOptions: { execArgv: [] },
          workerThreadsOptions: { execArgv: [] },
        });
        await run.untilSettled(name, 1);
        const [started] = run.facts('started', name);
        assert.deepEqual((await queue.getJob(job.id ?? ''))?.returnvalue, {
          messageId: started?.message_id,
          executionId: started?.execution_id,
          order: 'ORD-1',
          facts: [],
          hasSignal: true,
          keys: [],
        });
        assert.deepEqual(outcomes(name), [['ok', 'completed', 1]]);
      });
    }
  });
}
