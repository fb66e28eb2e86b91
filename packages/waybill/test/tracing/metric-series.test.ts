import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome, SendStatus } from '../../src/core/facts.ts';
import { bridge } from '../../src/tracing/otel.ts';
import { knownWaybill } from '../known-waybill.ts';
import { aDelivery, apiWith, meteredWaybill, startMeter } from './measured.ts';

test('100,000 destinations make at most 2,000 series in all, and no count is lost', async (context) => {
  const meter = startMeter(context);
  const { waybill } = meteredWaybill(meter, { recorder: { record: () => {}, dropped: () => hostileDrops } });
  const hostileDrops = new Map(Array.from({ length: 1000 }, (_, at) => [`HTTP ${at}`, 1]));
  for (let at = 0; at < 100_000; at++) {
    // All that an app or a stranger can say, in turns: present and absent.
    const system = at % 3 === 0 ? 'kafka' : `system-${at}`;
    const place = { system, destination: `reply-${at}`, subscription: at % 2 ? `group-${at}` : undefined };
    const error = at % 5 === 0 ? undefined : Object.assign(new Error(), { name: `Error${at}` });
    // Sound: a receipt and a judge are the app's, and may say what they like.
    const [status, outcome] = [at % 7 ? 'unknown' : (`s${at}` as SendStatus), at % 11 ? 'dead' : (`o${at}` as Outcome)];
    waybill.prepare(place).settle({ status, error });
    waybill.open(aDelivery({ ...place, envelope: at % 13 ? 'absent' : 'oversized' })).settle({ outcome, error });
    waybill.open(aDelivery(place)).settle({ outcome, error });
  }
  const read = await meter.read();
  const series = Object.values(read).flat();
  assert.ok(series.length <= 2000, `${series.length} series`);
  const countOf = (name: string) =>
    read[name]?.reduce((sum, [, value]) => sum + (typeof value === 'number' ? value : (value[0] ?? 0)), 0);
  assert.equal(countOf('messaging.client.sent.messages'), 100_000);
  assert.equal(countOf('messaging.client.consumed.messages'), 200_000);
  assert.equal(countOf('messaging.process.duration'), 200_000);
  assert.equal(countOf('waybill.messages.in_flight'), 0);
  assert.equal(countOf('waybill.facts.dropped'), 1000);
});

test('a destination that is known keeps its own series, and later ones are _OTHER of their system', async (context) => {
  const meter = startMeter(context);
  const { waybill } = meteredWaybill(meter);
  const send = (system: string, destination: string) =>
    waybill.prepare({ system, destination }).settle({ status: 'taken' });
  for (let at = 0; at < 3000; at++) send('kafka', `q${at}`);
  send('nats', 'late');
  send('kafka', 'q0');
  const { 'messaging.client.sent.messages': sent } = await meter.read();
  const seriesOf = (system: string, destination: string) =>
    sent?.find(
      ([attributes]) =>
        attributes['messaging.system.name'] === system && attributes['messaging.destination.name'] === destination,
    );
  assert.equal(seriesOf('kafka', 'q0')?.[1], 2);
  assert.ok(Number(seriesOf('kafka', '_OTHER')?.[1]) > 1000);
  assert.equal(seriesOf('nats', '_OTHER')?.[1], 1);
  assert.equal(seriesOf('nats', 'late'), undefined);
});

test('two bridges of one API share one bound, and a recorder of both is counted once', async (context) => {
  const meter = startMeter(context);
  const api = apiWith(() => meter.provider);
  const recorder = { record: () => {}, dropped: () => new Map([['buffer full', 3]]) };
  const tracings = [bridge(api), bridge(api)];
  const waybills = tracings.map((tracing) => knownWaybill({ tracing, recorder }).waybill);
  for (let at = 0; at < 3000; at++) {
    waybills[at % 2]?.prepare({ system: 'kafka', destination: `q${at}` }).settle({ status: 'taken' });
  }
  knownWaybill({ tracing: bridge(api), recorder: { ...recorder } });
  const read = await meter.read();
  assert.ok(Object.values(read).flat().length <= 2000);
  assert.deepEqual(read['waybill.facts.dropped'], [[{ 'waybill.why': 'buffer full' }, 6]]);
});
