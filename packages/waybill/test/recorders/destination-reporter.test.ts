import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import type { DestinationReport, Probe } from '../../src/core/destination-report.ts';
import { current } from '../../src/core/scope.ts';
import { createWaybill, type Waybill } from '../../src/core/waybill.ts';
import { memoryRecorder } from '../../src/recorders/memory.ts';
import { type OtlpRecorderOptions, otlpRecorder } from '../../src/recorders/otlp.ts';
import { startReceiver } from './receiver.ts';

const ORDERS: DestinationReport = { name: 'orders', kind: 'queue', system: 'bullmq', depth: 3, oldest_ms: undefined };

/** An instance that is stopped with its test. */
function watching(context: TestContext, options: OtlpRecorderOptions): Waybill {
  const waybill = createWaybill({ service: 'test', recorder: otlpRecorder({ probeMs: 1, ...options }) });
  context.after(() => waybill.close());
  return waybill;
}

test('what probes say goes to the ledger as one document, and what they leave out is not there', async (context) => {
  const { url, request } = await startReceiver(context);
  const waybill = watching(context, { url, token: 's3cret' });
  waybill.watch(async () => ORDERS);
  waybill.watch(async () => [{ name: 'mail', kind: 'queue', system: 'pg_boss', consumers: 0 }]);
  const { path, headers, body } = await request(1);
  assert.deepEqual([path, headers.authorization], ['/api/v1/destinations', 'Bearer s3cret']);
  const { at, ...report } = JSON.parse(body);
  assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000);
  assert.deepEqual(report, {
    schema: 'waybill.destinations/1',
    source: 'probed',
    destinations: [
      { name: 'orders', kind: 'queue', system: 'bullmq', depth: 3 },
      { name: 'mail', kind: 'queue', system: 'pg_boss', consumers: 0 },
    ],
  });
});

test('while there are consumers they are seen now, unless the broker knows it better', async (context) => {
  const { url, request } = await startReceiver(context);
  const beat = '2026-03-17T14:40:52.000Z';
  watching(context, { url }).watch(async () => [
    { ...ORDERS, consumers: 2 },
    { ...ORDERS, consumers: 1, last_consumer_seen_at: beat },
    { ...ORDERS, consumers: 0 },
  ]);
  const { at, destinations } = JSON.parse((await request(1)).body);
  assert.deepEqual(
    destinations.map((each: DestinationReport) => each.last_consumer_seen_at),
    [at, beat, undefined],
  );
});

test('more than a ledger takes at once goes in parts, and all of it arrives', async (context) => {
  const { url, request } = await startReceiver(context);
  const many = Array.from({ length: 2001 }, (_, index) => ({ ...ORDERS, name: `queue-${index}` }));
  watching(context, { url, probeMs: 100 }).watch(async () => many);
  const parts = await Promise.all([1, 2, 3].map(async (count) => JSON.parse((await request(count)).body)));
  assert.deepEqual(
    parts.map(({ destinations }) => destinations.length),
    [1000, 1000, 1],
  );
  assert.equal(
    new Set(parts.flatMap(({ destinations }) => destinations.map(({ name }: { name: string }) => name))).size,
    2001,
  );
});

test('it goes beside where facts go, whatever the path before it', async (context) => {
  for (const path of ['/collector', '/collector/v1/logs']) {
    const { url, request } = await startReceiver(context);
    watching(context, { url: `${url}${path}` }).watch(async () => ORDERS);
    assert.equal((await request(1)).path, '/collector/api/v1/destinations');
  }
});

test('probes are asked again once the ledger has answered, and not before', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const receiver = await startReceiver(context);
  receiver.answer = undefined;
  let asked = 0;
  watching(context, { url: receiver.url }).watch(async () => {
    asked++;
    return ORDERS;
  });
  context.mock.timers.tick(1);
  await receiver.request(1);
  context.mock.timers.tick(600_000);
  assert.equal(asked, 1);
});

test('probes are asked again and again', async (context) => {
  const { url, request } = await startReceiver(context);
  watching(context, { url }).watch(async () => ORDERS);
  await request(3);
});

test('a probe that fails is warned of, and does not keep the others from being told', async (context) => {
  const { url, request } = await startReceiver(context);
  const waybill = watching(context, { url });
  const warned = once(process, 'warning');
  const failing: Probe[] = [
    () => Promise.reject(new Error('connection lost')),
    () => {
      throw new Error('not started');
    },
  ];
  for (const probe of failing) waybill.watch(probe);
  waybill.watch(async () => ORDERS);
  const { body } = await request(1);
  assert.equal(JSON.parse(body).destinations.length, 1);
  const [{ message }] = await warned;
  assert.match(message, /^The probe given to Waybill failed once so far: Error: (connection lost|not started)$/);
});

test('a probe that hangs is not asked again, and the others are told once it was waited for', async (context) => {
  const { url, request } = await startReceiver(context);
  const waybill = watching(context, { url, timeoutMs: 20 });
  let asked = 0;
  waybill.watch(() => {
    asked++;
    return new Promise(() => {});
  });
  waybill.watch(async () => ORDERS);
  await request(3);
  assert.equal(asked, 1);
});

test('a ledger that does not take it is warned of once, and asked again', async (context) => {
  const receiver = await startReceiver(context);
  receiver.answer = { status: 404 };
  const warnings: string[] = [];
  const listen = ({ message }: Error) => void warnings.push(message);
  process.on('warning', listen);
  context.after(() => process.off('warning', listen));
  watching(context, { url: receiver.url }).watch(async () => ORDERS);
  await receiver.request(3);
  assert.deepEqual(warnings, ['The ledger was not told what probes say (HTTP 404); they are asked again.']);
});

test('what cannot be written down does no harm', async (context) => {
  const { url } = await startReceiver(context);
  const warned = once(process, 'warning');
  watching(context, { url }).watch(async () => ({ ...ORDERS, depth: 1n as unknown as number }));
  const [{ message }] = await warned;
  assert.match(message, /^The ledger was not told what probes say \(TypeError: .*BigInt/);
});

test('probes run in no scope, whoever asked for them', async (context) => {
  const { url, request } = await startReceiver(context);
  const waybill = watching(context, { url });
  const probe: Probe = async () => ({ ...ORDERS, name: current() === undefined ? 'outside' : 'inside' });
  waybill.ingress({ operation: 'checkout' }, () => waybill.watch(probe));
  assert.equal(JSON.parse((await request(1)).body).destinations[0].name, 'outside');
});

test('no probe is asked once its instance is closed', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { url, request } = await startReceiver(context);
  const waybill = watching(context, { url });
  let asked = 0;
  const probe: Probe = async () => {
    asked++;
    return ORDERS;
  };
  waybill.watch(probe);
  context.mock.timers.tick(1);
  await request(1);
  await waybill.close();
  waybill.watch(probe);
  context.mock.timers.tick(600_000);
  assert.equal(asked, 1);
});

test('a recorder that keeps its facts to itself has nobody to tell, and what is no probe is refused', async () => {
  const waybill = createWaybill({ service: 'test', recorder: memoryRecorder() });
  waybill.watch(() => assert.fail('nobody asks'));
  assert.throws(() => waybill.watch(ORDERS as unknown as Probe), { code: 'OPTION_INVALID', message: /"probe"/ });
  await waybill.close();
});

test('a process that has nothing else to do ends', async (context) => {
  const { url } = await startReceiver(context);
  const script = `
    import { createWaybill, otlpRecorder } from 'waybill';
    const waybill = createWaybill({ service: 'test', recorder: otlpRecorder({ url: '${url}', probeMs: 600_000 }) });
    waybill.watch(async () => []);`;
  const args = ['--conditions=@waybill/source', '--input-type=module', '--eval', script];
  await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname, timeout: 20_000 });
});
