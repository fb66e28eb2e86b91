import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packWaybill } from '../../src/core/pack-waybill.ts';
import { CARRIER_NAMES, type ReceivedCarrier, readHeaders, writeHeaders } from '../../src/layouts/headers.ts';
import { anEnvelope, TRACEPARENT } from '../known-waybill.ts';

const traceHeaders = { traceparent: TRACEPARENT, tracestate: 'a=1', baggage: 'k=v' };
const ENVELOPE = anEnvelope({ traceHeaders });

test('context is four headers, whose names are in lower case, and comes back as it was', () => {
  const carrier = writeHeaders(ENVELOPE, {});
  assert.deepEqual(Object.keys(carrier).sort(), [...CARRIER_NAMES].sort());
  const baggage = 'k=v,waybill.correlation_id=req_7';
  assert.deepEqual(carrier, { ...traceHeaders, baggage, waybill: packWaybill(ENVELOPE) });
  assert.deepEqual(readHeaders(carrier), ENVELOPE);
});

test('without a trace to pass on there is our header, and the workflow’s name in baggage', () => {
  const carrier = writeHeaders(anEnvelope(), {});
  assert.deepEqual(carrier, { baggage: 'waybill.correlation_id=req_7', waybill: packWaybill(anEnvelope()) });
});

test('nothing is written for a destination outside our systems', () => {
  const own = { 'x-own': '1' };
  const envelope = { ...ENVELOPE, isExternal: true as const, foreignHeaders: { id: '7' } };
  assert.deepEqual(writeHeaders(envelope, { ...own }), own);
});

test('another system’s headers are written beside ours, and never over the app’s own', () => {
  const envelope = { ...ENVELOPE, foreignHeaders: { root_id: 'r-1', parent_id: 'p-1' } };
  const { root_id, parent_id } = writeHeaders(envelope, { parent_id: 'mine' });
  assert.deepEqual([root_id, parent_id], ['r-1', 'mine']);
});

test('the app’s own headers stay, and so do those that a tracer wrote', () => {
  const other = TRACEPARENT.replace('4bf9', 'aaaa');
  const carrier = writeHeaders(ENVELOPE, { 'x-own': '1', traceparent: other, baggage: 'mine=1', waybill: 'stale' });
  assert.deepEqual(carrier, {
    'x-own': '1',
    traceparent: other,
    baggage: 'mine=1,waybill.correlation_id=req_7',
    waybill: packWaybill(ENVELOPE),
  });
});

test('the room that a transport leaves is kept to', () => {
  const wide = anEnvelope({ bindingsJson: `{"a":"${'x'.repeat(3000)}"}` });
  assert.ok((writeHeaders(wide, {})['waybill'] ?? '').length > 3000);
  assert.ok((writeHeaders(wide, {}, 1024)['waybill'] ?? '').length <= 1024);
});

const CASES: [what: string, carrier: ReceivedCarrier | null | undefined, expected: unknown][] = [
  ['no carrier', undefined, 'absent'],
  ['null', null, 'absent'],
  ['no header of ours', { 'x-own': '1' }, 'absent'],
  ['baggage alone', { baggage: 'k=v' }, 'absent'],
  [
    'baggage alone that names a workflow of ours',
    { baggage: 'k=v, waybill.correlation_id=req_7;p=1' },
    { traceHeaders: { traceparent: undefined, tracestate: undefined, baggage: 'k=v' }, correlationId: 'req_7' },
  ],
  [
    'a traceparent alone',
    { traceparent: TRACEPARENT },
    { traceHeaders: { traceparent: TRACEPARENT, tracestate: undefined, baggage: undefined } },
  ],
  ['a broken traceparent alone', { traceparent: '00-1-2-3' }, 'absent'],
  ['a waybill that is no JSON', { waybill: 'x' }, 'unreadable'],
  [
    'a traceparent beside a waybill that is no JSON',
    { waybill: 'x', traceparent: TRACEPARENT },
    {
      traceHeaders: { traceparent: TRACEPARENT, tracestate: undefined, baggage: undefined },
      unusable: 'unreadable',
    },
  ],
  ['two waybills', { waybill: [packWaybill(ENVELOPE), packWaybill(ENVELOPE)] }, 'unreadable'],
  ['a waybill that is bytes', { waybill: Buffer.from('{}') as unknown as string }, 'unreadable'],
  ['a waybill that is too long', { waybill: 'x'.repeat(8193) }, 'oversized'],
  ['an empty waybill', { waybill: '' }, 'unreadable'],
];

for (const [what, carrier, expected] of CASES) {
  test(`a message with ${what} is read as ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(readHeaders(carrier), expected);
  });
}

test('headers beside a good waybill that are broken take nothing from it', () => {
  const envelope = readHeaders({ waybill: packWaybill(ENVELOPE), traceparent: 'broken', baggage: 'é' });
  assert.deepEqual(envelope, {
    ...ENVELOPE,
    traceHeaders: { traceparent: undefined, tracestate: undefined, baggage: undefined },
  });
});

test('what is written holds no letter that a header may not hold', () => {
  const carrier = writeHeaders(
    anEnvelope({ tenantId: 'Zoë\r\n\u001b[31m', bindingsJson: '{"a":"\\u202e"}', traceHeaders }),
    {},
  );
  for (const value of Object.values(carrier)) assert.match(value, /^[\x20-\x7e]+$/);
});
