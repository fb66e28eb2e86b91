import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Job, JobsOptions } from 'bullmq';
import { bind, createWaybill, current, type SentFact } from '../../../src/index.ts';
import { instrumentQueue } from '../../../src/queues/bullmq/bullmq.ts';
import { type BullmqRun, MAJORS, noRedis, startRun } from './bullmq-run.ts';

const carrierOf = (job: Job | undefined) => (job?.opts as { waybill?: Record<string, string> } | undefined)?.waybill;
const idIn = (job: Job | undefined) => /"message_id":"(\w+)"/.exec(carrierOf(job)?.['waybill'] ?? '')?.[1];
const shown = ({ status, dedup_key, broker_id }: SentFact) => [status, dedup_key, broker_id];

for (const major of MAJORS) {
  describe(`what ${major.name} sends`, { skip: noRedis }, () => {
    let run: BullmqRun;
    before(() => {
      run = startRun(major);
    });
    after(() => run.close());

    /** The facts that the work recorded of its own sends. */
    async function sentBy(work: () => unknown): Promise<SentFact[]> {
      const known = run.facts('sent').length;
      await run.request(work);
      return run.facts('sent').slice(known);
    }

    test('options that are frozen and shared are not touched, and each job of a bulk has its own identity', async () => {
      const queue = run.queue('frozen');
      const opts: JobsOptions = Object.freeze({ attempts: 3, telemetry: Object.freeze({ metadata: 'theirs' }) });
      const entry = Object.freeze({ name: 'job', data: { a: 1 }, opts });
      await run.request(async () => [await queue.add('job', { a: 1 }, opts), await queue.addBulk([entry, entry])]);
      const stored = await queue.getWaiting();
      assert.equal(new Set(stored.map(idIn)).size, 3);
      assert.deepEqual(
        stored.map((job) => [job.opts.attempts, job.opts.telemetry?.metadata]),
        [1, 2, 3].map(() => [3, 'theirs']),
      );
      assert.deepEqual(Object.keys(opts), ['attempts', 'telemetry']);
    });

    test('a carrier in the default options of a queue is given to no job', async () => {
      const leak = { waybill: { waybill: '{"v":1,"message_id":"msg_leak","correlation_id":"msg_leak"}' } };
      const queue = run.queue('defaults', { defaultJobOptions: { ...leak, delay: 60_000 } });
      const [sent] = await sentBy(() => queue.add('job', {}));
      const [job] = await queue.getDelayed();
      assert.equal(idIn(job), sent?.message_id);
      assert.ok((sent?.not_before ?? 0) > Date.now(), 'the default delay is known');
    });

    test('the options of a job that are used again make another message', async () => {
      const queue = run.queue('again');
      const first = await run.request(() => queue.add('job', {}));
      const [sent] = await sentBy(() => queue.add('job', {}, first.opts));
      const stored = await queue.getJob(sent?.broker_id ?? '');
      assert.equal(idIn(stored), sent?.message_id);
      assert.notEqual(idIn(stored), idIn(first));
    });

    test('a job id that is there already is a duplicate, and the first job keeps its cause', async () => {
      const queue = run.queue('ids');
      const first = await sentBy(() => queue.add('job', {}, { jobId: 'order-1' }));
      const second = await sentBy(() => queue.add('job', {}, { jobId: 'order-1' }));
      assert.deepEqual([...first, ...second].map(shown), [
        ['taken', 'order-1', 'order-1'],
        ['duplicate', 'order-1', 'order-1'],
      ]);
      assert.equal(idIn(await queue.getJob('order-1')), first[0]?.message_id);
    });

    test('a deduplicated job is a duplicate of the one that stands, alone and in a bulk', async () => {
      const queue = run.queue('deduplication');
      const opts = { deduplication: { id: 'daily' } };
      const [first] = await sentBy(() => queue.add('job', {}, opts));
      const bulk = await sentBy(() =>
        queue.addBulk([
          { name: 'job', data: {}, opts },
          { name: 'job', data: {} },
        ]),
      );
      assert.deepEqual(
        bulk.map(({ status }) => status),
        ['duplicate', 'taken'],
      );
      assert.deepEqual([bulk[0]?.broker_id, bulk[0]?.dedup_key], [first?.broker_id, 'daily']);
    });

    test('a job that ran and was removed before its key could be looked up is unknown, not taken', async () => {
      const plain = run.plainQueue('gone');
      const add = plain.add.bind(plain);
      plain.add = async (...args) => {
        const job = await add(...args);
        await job.remove();
        return job;
      };
      const [sent] = await sentBy(() => instrumentQueue(plain, run.waybill).add('job', {}, { jobId: 'fast' }));
      assert.equal(sent?.status, 'unknown');
    });

    test('a delayed job that a later one replaces will never run, and is said to be superseded', async () => {
      const queue = run.queue('replace');
      const opts = { delay: 60_000, deduplication: { id: 'typing', replace: true } };
      const [first] = await sentBy(() => queue.add('job', { text: 'a' }, opts));
      const [second] = await sentBy(() => queue.add('job', { text: 'ab' }, opts));
      assert.deepEqual([first?.status, second?.status], ['taken', 'taken']);
      assert.deepEqual(
        run.facts('discarded').map(({ message_id, how }) => [message_id, how]),
        [[first?.message_id, 'superseded']],
      );
    });

    test('a job that is kept aside while another runs is created, and not yet sent', async () => {
      const queue = run.queue('aside');
      const opts = { deduplication: { id: 'sync', keepLastIfActive: true } };
      const started = Promise.withResolvers<void>();
      const release = Promise.withResolvers<void>();
      const seen: unknown[] = [];
      run.work('aside', async () => {
        seen.push(current()?.messageId);
        started.resolve();
        await release.promise;
      });
      const [first] = await sentBy(() => queue.add('job', {}, opts));
      await started.promise;
      assert.deepEqual(await sentBy(() => queue.add('job', {}, opts)), []);
      const [created] = run.facts('created');
      release.resolve();
      await run.untilSettled('aside', 2);
      assert.deepEqual(seen, [first?.message_id, created?.message_id]);
    });

    test('an external destination gets nothing of ours', async () => {
      const outside = createWaybill({ service: 'test', destinations: { partner: { trust: 'external' } } });
      const queue = instrumentQueue(run.plainQueue('partner'), outside);
      const job = await outside.ingress({ operation: 'checkout' }, () => {
        bind({ order_id: 'ORD-1' });
        return queue.add('job', {});
      });
      assert.equal(carrierOf(await queue.getJob(job.id ?? '')), undefined);
    });

    test('a send that fails rejects with the error of BullMQ, and what became of it is unknown', async () => {
      const queue = run.queue('failing');
      let error: unknown;
      const [sent] = await sentBy(() =>
        queue.add('job', {}, { jobId: '7' }).catch((thrown) => {
          error = thrown;
        }),
      );
      assert.match(String(error), /integers/);
      assert.equal(sent?.status, 'unknown');
    });

    test('wrong arguments are left to BullMQ, and are no fact', async () => {
      const hostile = run.queue('hostile') as unknown as Record<
        'add' | 'addBulk',
        (...args: unknown[]) => Promise<unknown>
      >;
      const sent = await sentBy(async () => {
        await assert.rejects(() => hostile.addBulk('no list'), TypeError);
        await assert.rejects(() => hostile.addBulk([null]), TypeError);
        await hostile.add(undefined, {}).catch(() => {});
      });
      assert.deepEqual(sent, []);
    });

    test('instrumenting twice sends once', async () => {
      const queue = instrumentQueue(run.queue('twice'), run.waybill);
      assert.equal((await sentBy(() => queue.add('job', {}))).length, 1);
    });
  });
}
