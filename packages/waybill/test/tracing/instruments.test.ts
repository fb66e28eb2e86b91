import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as conventions from '@opentelemetry/semantic-conventions/incubating';
import { INSTRUMENTS } from '../../src/tracing/instruments.ts';
import { aDelivery, meteredWaybill, startMeter } from './measured.ts';

test('an instrument has the name of the conventions, or one that no convention can take', () => {
  const names: readonly unknown[] = Object.values(conventions);
  for (const { name } of Object.values(INSTRUMENTS)) {
    assert.equal(names.includes(name), !name.startsWith('waybill.'), name);
  }
  assert.equal(INSTRUMENTS.sent.name, conventions.METRIC_MESSAGING_CLIENT_SENT_MESSAGES);
  assert.equal(INSTRUMENTS.consumed.name, conventions.METRIC_MESSAGING_CLIENT_CONSUMED_MESSAGES);
  assert.equal(INSTRUMENTS.run.name, conventions.METRIC_MESSAGING_PROCESS_DURATION);
});

test('what an exporter is given has the units of the conventions, and boundaries that messages fit between', async (context) => {
  const meter = startMeter(context);
  const recorder = { record: () => {}, dropped: () => new Map([['buffer full', 1]]) };
  const { waybill } = meteredWaybill(meter, { recorder });
  waybill.consume(aDelivery({ envelope: 'absent' }), () => {});
  waybill.consume(aDelivery(), () => waybill.produce({ system: 'kafka', destination: 'orders' }, () => {}));
  const waits = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400, 604_800];
  const runs = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
  const described = await meter.described();
  assert.deepEqual(
    described.sort((one, other) => (one.name < other.name ? -1 : 1)),
    [
      { name: 'messaging.client.consumed.messages', unit: '{message}' },
      { name: 'messaging.client.sent.messages', unit: '{message}' },
      { name: 'messaging.process.duration', unit: 's', bounds: runs },
      { name: 'waybill.facts.dropped', unit: '{fact}' },
      { name: 'waybill.gaps', unit: '{gap}' },
      { name: 'waybill.messages.age', unit: 's', bounds: waits },
      { name: 'waybill.messages.in_flight', unit: '{message}' },
      { name: 'waybill.messages.wait', unit: 's', bounds: waits },
    ],
  );
});
