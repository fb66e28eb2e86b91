import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FlowProducer, Job, Processor, Queue, SandboxedJob, Worker } from 'bullmq';
import type * as older from 'bullmq-5';
import { sidekiq } from '../../../src/dialects/sidekiq.ts';
import { captureScope, createWaybill, current, logFields, memoryRecorder } from '../../../src/index.ts';
import {
  instrumentFlowProducer,
  instrumentQueue,
  instrumentWorker,
  probeQueue,
  probeWorker,
  wrapProcessor,
} from '../../../src/queues/bullmq/bullmq.ts';

/** Never called: the types are the test, of both majors and of clients that name their jobs. */
export const FITTING = [
  (
    queue: Queue<{ id: number }, string, 'ship' | 'pack'>,
    like: older.Queue<{ id: number }>,
  ): [typeof queue, typeof like] => [instrumentQueue(queue, waybill), instrumentQueue(like, waybill)],
  (worker: Worker<{ id: number }, string, 'ship'>, like: older.Worker): [typeof worker, typeof like] => [
    instrumentWorker(worker, waybill),
    instrumentWorker(like, waybill),
  ],
  (flowProducer: FlowProducer, like: older.FlowProducer): [typeof flowProducer, typeof like] => [
    instrumentFlowProducer(flowProducer, waybill),
    instrumentFlowProducer(like, waybill),
  ],
  (processor: Processor<{ id: number }>, like: older.Processor): [typeof processor, typeof like] => [
    wrapProcessor(processor, waybill),
    wrapProcessor(like, waybill),
  ],
  (queue: Queue<{ id: number }, string, 'ship'>, like: older.Queue, worker: Worker, older: older.Worker) => [
    probeQueue(queue),
    probeQueue(like),
    probeWorker(worker),
    probeWorker(older),
  ],
];

const recorder = memoryRecorder();
const waybill = createWaybill({ service: 'test', recorder });

/** A job as a sandbox gets it. */
const plainJob = (more: object = {}) =>
  ({
    id: '1',
    name: 'ship',
    queueName: 'orders',
    data: {},
    opts: { attempts: 2 },
    attemptsMade: 0,
    ...more,
  }) as SandboxedJob;

describe('a processor in a sandbox', () => {
  test('runs in the workflow of its job, and what it throws is a failure whose end is not known there', () => {
    recorder.clear();
    const carrier = { waybill: '{"v":1,"message_id":"msg_1","correlation_id":"req_1"}' };
    const fail = wrapProcessor((_job: SandboxedJob) => {
      throw new Error(`no stock for ${logFields()['correlation_id']}`);
    }, waybill);
    assert.throws(() => fail(plainJob({ opts: { waybill: carrier } })), /no stock for req_1/);
    const [settled] = recorder.facts.filter((fact) => fact.kind === 'settled');
    assert.deepEqual([settled?.outcome, settled?.by, settled?.message_id], ['failed', 'throw', 'msg_1']);
  });

  test('keeps its length, its name and its result', async () => {
    const three = wrapProcessor(async function ship(job: SandboxedJob, _token?: string, _signal?: AbortSignal) {
      return job.name;
    }, waybill);
    assert.deepEqual([three.length, three.name, await three(plainJob())], [3, 'ship', 'ship']);
  });

  test('runs in the scope that its worker has passed, and a child that it adds is awaited by its job', async () => {
    recorder.clear();
    const scope = waybill.ingress({ operation: 'checkout' }, captureScope);
    const job = plainJob({ queueQualifiedName: 'bull:orders', waybillScope: scope });
    const child = { id: '2', queueQualifiedName: 'bull:children' } as Job;
    const queue = instrumentQueue({ name: 'children', add: async () => child, addBulk: async () => [] }, waybill);
    const add: (...args: unknown[]) => Promise<unknown> = queue.add;
    const parent = { id: '1', queue: 'bull:orders' };
    await wrapProcessor((_job: SandboxedJob) => add('pack', {}, { parent }), waybill)(job);
    const [sent] = recorder.facts.filter((fact) => fact.kind === 'sent');
    assert.deepEqual(sent?.flow, { id: scope?.context.messageId, role: 'child' });
    assert.equal(recorder.facts.filter((fact) => fact.kind === 'started' && fact.system === 'bullmq').length, 0);
  });

  test('runs whatever it is called with', () => {
    const echo = wrapProcessor((job: unknown) => [job, current() === undefined], waybill);
    assert.deepEqual(echo(undefined), [undefined, true]);
    assert.deepEqual(echo({}), [{}, false]);
  });

  test("knows a foreign system's own words beside ours", () => {
    const bridged = createWaybill({ service: 'test', dialects: [sidekiq] });
    const run = wrapProcessor((_job: SandboxedJob) => current()?.messageId, bridged);
    assert.equal(
      run(plainJob({ opts: { waybill: { jid: 'b4a577edbccf1d805744efa9', class: 'ShipJob' } } })),
      'b4a577edbccf1d805744efa9',
    );
  });

  const HOSTILE: readonly (readonly [string, unknown])[] = [
    ['a text', 'waybill'],
    ['numbers', { waybill: 7, traceparent: 1, baggage: 5 }],
    ['a list', ['waybill']],
    ['nothing', null],
  ];
  for (const [what, carrier] of HOSTILE) {
    test(`runs although there is ${what} where its context should be`, () => {
      const run = wrapProcessor((job: SandboxedJob) => [job.name, current()?.causationId], waybill);
      const metadata = 'no JSON at all';
      assert.deepEqual(run(plainJob({ opts: { waybill: carrier, telemetry: { metadata } } })), ['ship', null]);
    });
  }
});

test('something that is no client of BullMQ is refused, and the message names what it lacks', () => {
  assert.throws(() => instrumentQueue({} as Queue, waybill), { code: 'CLIENT_UNFIT', message: /"add"/ });
  assert.throws(() => instrumentFlowProducer({} as FlowProducer, waybill), { code: 'CLIENT_UNFIT' });
  assert.throws(() => instrumentWorker({} as Worker, waybill), { code: 'CLIENT_UNFIT', message: /"callProcessJob"/ });
  assert.throws(() => probeQueue({} as Queue), { code: 'CLIENT_UNFIT', message: /"getJobCounts"/ });
  assert.throws(() => probeWorker({} as Worker), { code: 'CLIENT_UNFIT', message: /"callProcessJob"/ });
});

test('a store that fails when it is asked for a key never fails the send', async () => {
  recorder.clear();
  const client = Promise.reject(new Error('connection lost'));
  client.catch(() => {});
  const job = { id: 'order-1', queueQualifiedName: 'bull:orders' } as Job;
  const fake = { name: 'orders', client, add: async () => job, addBulk: async () => [job] } as unknown as Queue;
  assert.equal(await instrumentQueue(fake, waybill).add('ship', {}, { jobId: 'order-1' }), job);
  const [sent] = recorder.facts.filter((fact) => fact.kind === 'sent');
  assert.equal(sent?.status, 'unknown');
});

test('where the server names no connections, nothing is said of how many workers there are', async () => {
  const getWorkers = async () => [{ name: 'GCP does not support client list' }];
  const queue = { name: 'orders', getJobCounts: async () => ({ waiting: 0 }), getJobs: async () => [], getWorkers };
  const { depth, consumers } = [await probeQueue(queue)()].flat()[0] ?? {};
  assert.deepEqual([depth, consumers], [0, undefined]);
});
