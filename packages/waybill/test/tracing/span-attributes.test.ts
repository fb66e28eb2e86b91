import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as stable from '@opentelemetry/semantic-conventions';
import * as incubating from '@opentelemetry/semantic-conventions/incubating';
import { encodeLogs } from '../../src/recorders/otlp-logs.ts';
import { ATTRIBUTE } from '../../src/tracing/span-attributes.ts';
import { knownWaybill, NOW } from '../known-waybill.ts';

const isOurs = (name: string) => name.startsWith('waybill.');

test("an attribute that is not ours has a name of OpenTelemetry's conventions", () => {
  // Sound: the constants are what these modules export under such names.
  const conventions: Readonly<Record<string, unknown>> = { ...incubating, ...stable };
  for (const name of Object.values(ATTRIBUTE).filter((each) => !isOurs(each))) {
    assert.equal(conventions[`ATTR_${name.toUpperCase().replaceAll('.', '_')}`], name);
  }
});

test('an attribute that is ours has the name that facts have on the wire', () => {
  const { waybill, facts } = knownWaybill();
  const edge = { operation: 'checkout', eventType: 'POST /checkout', tenantId: 'acme', businessKey: 'order:1' };
  const envelope = waybill.ingress(edge, () =>
    waybill.produce({ system: 'kafka', destination: 'orders' }, (made) => made),
  );
  waybill.consume({ system: 'kafka', destination: 'orders', attempt: 1, envelope }, () => {});
  waybill.produce({ system: 'kafka', destination: 'orders' }, () => {}); // outside every scope, which is a gap
  const told = {
    fact_id: 'fct_1',
    at: NOW,
    service: 'checkout',
    instance: '1',
    count: 1,
    since: NOW,
    why: 'buffer full',
  };
  const onTheWire = new Set(
    [...encodeLogs([...facts, { kind: 'dropped', ...told }]).matchAll(/"key":"(waybill\.[^"]+)"/g)].map(
      ([, name]) => name,
    ),
  );
  assert.deepEqual(
    Object.values(ATTRIBUTE).filter((name) => isOurs(name) && !onTheWire.has(name)),
    [],
  );
});
