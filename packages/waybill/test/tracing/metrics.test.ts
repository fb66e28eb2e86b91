import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import * as opentelemetry from '@opentelemetry/api';
import type { GapReason } from '../../src/core/facts.ts';
import { bridge } from '../../src/tracing/otel.ts';
import { knownWaybill, NOW } from '../known-waybill.ts';
import { aDelivery, apiWith, meteredWaybill, startMeter } from './measured.ts';

const SENDING = {
  'messaging.system.name': 'kafka',
  'messaging.destination.name': 'orders',
  'messaging.operation.name': 'send',
};
const PROCESSING = { ...SENDING, 'messaging.operation.name': 'process' };

test('a message is counted and timed at its handler, without a recorder', async (context) => {
  const meter = startMeter(context);
  const { waybill, clock } = meteredWaybill(meter);
  const execution = waybill.open(aDelivery());
  assert.deepEqual(await meter.read(), {
    'messaging.client.consumed.messages': [[PROCESSING, 1]],
    'waybill.messages.in_flight': [[PROCESSING, 1]],
    'waybill.messages.wait': [[PROCESSING, [1, 2]]],
    'waybill.messages.age': [[PROCESSING, [1, 5]]],
  });
  clock.at += 300;
  execution.ended();
  clock.at += 9000;
  execution.settle({ outcome: 'ok' });
  const { 'waybill.messages.in_flight': inFlight, 'messaging.process.duration': run } = await meter.read();
  assert.deepEqual(inFlight, [[PROCESSING, 0]]);
  assert.deepEqual(
    run,
    [[{ ...PROCESSING, 'waybill.outcome': 'ok' }, [1, 0.3]]],
    'what follows the handler’s end is no run',
  );
});

test('a message is out of flight when its handler has ended, though nobody may ever say how', async (context) => {
  const meter = startMeter(context);
  const { waybill } = meteredWaybill(meter);
  waybill.consume(
    aDelivery(),
    () => {},
    () => undefined,
  );
  const read = await meter.read();
  assert.deepEqual(read['waybill.messages.in_flight'], [[PROCESSING, 0]]);
  assert.equal(read['messaging.process.duration'], undefined);
});

test('an execution that is settled without an end lasts until then', async (context) => {
  const meter = startMeter(context);
  const { waybill, clock } = meteredWaybill(meter);
  const execution = waybill.open(aDelivery());
  clock.at += 70;
  execution.settle({ outcome: 'released' });
  execution.ended();
  const read = await meter.read();
  assert.deepEqual(read['waybill.messages.in_flight'], [[PROCESSING, 0]]);
  assert.deepEqual(read['messaging.process.duration'], [[{ ...PROCESSING, 'waybill.outcome': 'released' }, [1, 0.07]]]);
});

test('a failed run says which error it was; every retry has an age, and a wait only where its adapter knows since when', async (context) => {
  const meter = startMeter(context);
  const { waybill } = meteredWaybill(meter);
  const run = (attempt: number, readyAt?: number) => {
    const execution = waybill.open(aDelivery({ attempt, readyAt }));
    execution.settle({ outcome: attempt === 3 ? 'dead' : 'retry', error: new TypeError('card declined') });
  };
  run(1);
  run(2);
  run(3, NOW - 250);
  const read = await meter.read();
  assert.deepEqual(read['messaging.process.duration'], [
    [{ ...PROCESSING, 'waybill.outcome': 'retry', 'error.type': 'TypeError' }, [2, 0]],
    [{ ...PROCESSING, 'waybill.outcome': 'dead', 'error.type': 'TypeError' }, [1, 0]],
  ]);
  assert.deepEqual(read['messaging.client.consumed.messages'], [[PROCESSING, 3]]);
  assert.deepEqual(read['waybill.messages.age'], [[PROCESSING, [3, 15]]]);
  assert.deepEqual(read['waybill.messages.wait'], [[PROCESSING, [2, 2.25]]]);
});

test('a failure that nobody gave a reason for has a type all the same', async (context) => {
  const meter = startMeter(context);
  const { waybill } = meteredWaybill(meter);
  waybill.open(aDelivery()).settle({ outcome: 'dead' });
  const { 'messaging.process.duration': run } = await meter.read();
  assert.deepEqual(run?.[0]?.[0]['error.type'], 'Error');
});

const UNKNOWN_WAITS = {
  'that came before, though no attempt was counted': { deliveryCount: 2 },
  'that is redelivered': { redelivered: true },
  'of a log that is read again': { replay: 'log', readyAt: NOW - 1 },
  'of a parent that its children let go': { releasedBy: 'msg_1' },
} as const;
for (const [which, fields] of Object.entries(UNKNOWN_WAITS)) {
  test(`a delivery ${which} has no wait that anybody knows`, async (context) => {
    const meter = startMeter(context);
    meteredWaybill(meter).waybill.open(aDelivery(fields));
    const read = await meter.read();
    assert.equal(read['waybill.messages.wait'], undefined);
    assert.equal(read['waybill.messages.age'] === undefined, 'replay' in fields);
  });
}

test('a tick waits since it was due, and a message by a faster clock not at all', async (context) => {
  const meter = startMeter(context);
  const { waybill } = meteredWaybill(meter);
  waybill.open(aDelivery({ schedule: { id: 'nightly', dueAt: NOW - 700 } }));
  waybill.open(aDelivery({ enqueuedAt: NOW + 60_000 }));
  const read = await meter.read();
  assert.deepEqual(read['waybill.messages.wait'], [[PROCESSING, [2, 0.7]]]);
});

test('a subscription is told apart from the others of its destination', async (context) => {
  const meter = startMeter(context);
  const { waybill } = meteredWaybill(meter);
  for (const subscription of ['billing', 'mail', 'mail']) waybill.consume(aDelivery({ subscription }), () => {});
  const read = await meter.read();
  const [billing, mail] = ['billing', 'mail'].map((name) => ({
    ...PROCESSING,
    'messaging.destination.subscription.name': name,
  }));
  assert.deepEqual(read['messaging.client.consumed.messages'], [
    [billing, 1],
    [mail, 2],
  ]);
  assert.deepEqual(
    read['messaging.process.duration']?.map(([{ 'waybill.outcome': _, ...place }]) => place),
    [billing, mail],
  );
});

test('a batch counts every message, and is one run that ended as its worst one', async (context) => {
  const meter = startMeter(context);
  const { waybill, clock } = meteredWaybill(meter);
  const { batch, items } = waybill.openBatch([aDelivery(), aDelivery(), aDelivery()]);
  clock.at += 100;
  items[0]?.ended();
  items[0]?.settle({ outcome: 'ok' });
  const during = await meter.read();
  assert.deepEqual(during['waybill.messages.in_flight'], [[PROCESSING, 2]]);
  assert.equal(during['messaging.process.duration'], undefined);
  clock.at += 100;
  items[1]?.settle({ outcome: 'dead', error: new RangeError() });
  clock.at += 100;
  batch.ended();
  assert.deepEqual((await meter.read())['waybill.messages.in_flight'], [[PROCESSING, 0]]);
  clock.at += 5000;
  batch.settle({ outcome: 'ok' });
  const after = await meter.read();
  assert.deepEqual(after['messaging.client.consumed.messages'], [[PROCESSING, 3]]);
  assert.deepEqual(after['waybill.messages.in_flight'], [[PROCESSING, 0]]);
  assert.deepEqual(after['messaging.process.duration'], [
    [{ ...PROCESSING, 'waybill.outcome': 'dead', 'error.type': 'RangeError' }, [1, 0.3]],
  ]);
});

test('what is sent is counted by what its transport said, and what is only created or requested is not', async (context) => {
  const meter = startMeter(context);
  const { waybill } = meteredWaybill(meter);
  const send = { system: 'kafka', destination: 'orders' };
  waybill.produceAll([send, send, send], () => {});
  waybill.produce(
    send,
    () => {},
    () => ({ status: 'duplicate' }),
  );
  waybill.produce(
    send,
    () => {},
    () => ({ status: 'refused' }),
  );
  const broken = new RangeError('too large');
  assert.throws(
    () =>
      waybill.produce(send, () => {
        throw broken;
      }),
    broken,
  );
  waybill.prepare({ ...send, edge: 'outbox' }).settle({ status: 'pending' });
  waybill.prepare({ ...send, kind: 'request' }).settle({ status: 'taken' });
  waybill.prepare({ ...send, scheduleId: 'nightly' }).settle({ status: 'taken' });
  const read = await meter.read();
  const sent = (status: string, errorType?: string) => ({
    ...SENDING,
    'waybill.status': status,
    ...(errorType && { 'error.type': errorType }),
  });
  assert.deepEqual(read['messaging.client.sent.messages'], [
    [sent('taken'), 3],
    [sent('duplicate'), 1],
    [sent('refused', 'refused'), 1],
    [sent('unknown', 'RangeError'), 1],
  ]);
});

test('a gap is counted by its reason, where it is', async (context) => {
  const meter = startMeter(context);
  const { waybill } = meteredWaybill(meter);
  for (const envelope of ['absent', 'unreadable', 'absent'] as const) waybill.open(aDelivery({ envelope }));
  const gap = (reason: GapReason) => ({
    'messaging.system.name': 'kafka',
    'messaging.destination.name': 'orders',
    'waybill.gap.reason': reason,
  });
  assert.deepEqual((await meter.read())['waybill.gaps'], [
    [gap('no_context'), 2],
    [gap('unreadable'), 1],
  ]);
});

test('a request is no message of a queue: only what it sends is measured', async (context) => {
  const meter = startMeter(context);
  const { waybill } = meteredWaybill(meter);
  waybill.ingress({ operation: 'checkout' }, () =>
    waybill.produce({ system: 'kafka', destination: 'orders' }, () => {}),
  );
  assert.deepEqual(Object.keys(await meter.read()), ['messaging.client.sent.messages']);
});

test('a provider that is registered later is found, and what began before it is not taken back', async (context) => {
  const meter = startMeter(context);
  const { waybill } = knownWaybill({ tracing: bridge(opentelemetry) });
  const early = waybill.open(aDelivery());
  opentelemetry.metrics.setGlobalMeterProvider(meter.provider);
  context.after(() => opentelemetry.metrics.disable());
  const late = waybill.open(aDelivery());
  early.settle({ outcome: 'ok' });
  assert.deepEqual((await meter.read())['waybill.messages.in_flight'], [[PROCESSING, 1]]);
  opentelemetry.metrics.disable();
  late.settle({ outcome: 'ok' });
  waybill.open(aDelivery());
  assert.deepEqual((await meter.read())['waybill.messages.in_flight'], [[PROCESSING, 0]]);
});

test('where it is turned off, or the API has no metrics, nothing is measured', async (context) => {
  const meter = startMeter(context);
  const api = apiWith(() => meter.provider);
  const { metrics: _, ...without } = api;
  for (const tracing of [bridge(api, { metrics: false }), bridge(without)]) {
    assert.equal(tracing.metering, undefined);
    knownWaybill({ tracing }).waybill.consume(aDelivery(), () => {});
  }
  assert.deepEqual(await meter.read(), {});
});

test('while no provider is registered no instrument is made', (context) => {
  const noop = opentelemetry.createNoopMeter();
  const made = context.mock.method(noop, 'createCounter');
  const { waybill } = knownWaybill({ tracing: bridge(apiWith(() => ({ getMeter: () => noop }))) });
  waybill.consume(aDelivery(), () => {});
  assert.equal(made.mock.callCount(), 0);
});

test('a recorder that cannot say what it dropped harms no reader of the rest', async (context) => {
  const meter = startMeter(context);
  const recorder = {
    record: () => {},
    dropped: () => {
      throw new Error('broken');
    },
  };
  meteredWaybill(meter, { recorder }).waybill.open(aDelivery());
  assert.deepEqual((await meter.read())['waybill.messages.in_flight'], [[PROCESSING, 1]]);
});

const broken = () => {
  throw new Error('broken');
};
const instrument = { add: broken, record: broken, addCallback: () => {} };
const meterOf = (made: object) => ({
  createCounter: () => made,
  createUpDownCounter: () => made,
  createHistogram: () => made,
  createObservableCounter: () => made,
});
const BROKEN = {
  'a provider': { getMeter: broken },
  'a meter': { getMeter: () => ({ ...meterOf(instrument), createCounter: broken }) },
  'an instrument': { getMeter: () => meterOf(instrument) },
};
for (const [what, provider] of Object.entries(BROKEN)) {
  test(`${what} that throws harms no job, and is warned of once`, async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => {
      if (!warning.message.includes('recorder')) warnings.push(warning); // told a turn late, by the test before
    };
    process.on('warning', listen);
    const { waybill, of } = knownWaybill({ tracing: bridge(apiWith(() => provider)) });
    const result = waybill.consume(aDelivery({ envelope: 'absent' }), () =>
      waybill.produce({ system: 'kafka', destination: 'orders' }, () => 42),
    );
    const { batch } = waybill.openBatch([aDelivery(), aDelivery()]);
    batch.ended();
    batch.settle({ outcome: 'ok' });
    process.emitWarning('the last one', 'Warning');
    while (warnings.at(-1)?.message !== 'the last one') await once(process, 'warning');
    process.off('warning', listen);
    assert.equal(result, 42);
    assert.equal(of('settled').length, 3);
    assert.deepEqual(
      warnings.map(({ message }) => message),
      ['The meter given to Waybill failed once so far: Error: broken', 'the last one'],
    );
  });
}
