import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type Envelope, isEnvelope } from '../../src/core/envelope.ts';
import { packWaybill } from '../../src/core/pack-waybill.ts';
import { readBinary, readStructured, writeBinary, writeStructured } from '../../src/layouts/cloudevents.ts';
import { anEnvelope, TRACEPARENT } from '../known-waybill.ts';
import { seeded } from '../seeded.ts';

const traceHeaders = { traceparent: TRACEPARENT, tracestate: 'a=1', baggage: undefined };
const ENVELOPE = anEnvelope({ traceHeaders });
const EVENT = { specversion: '1.0', source: '/shop/orders', type: 'order.created', data: { order: 7 } };
const OTHER_TRACE = TRACEPARENT.replace('4bf9', 'aaaa');
/** As a transport does: through JSON, and out of it. */
const sent = (event: unknown): unknown => JSON.parse(JSON.stringify(event));

function read(envelope: ReturnType<typeof readStructured>): Envelope {
  assert.ok(isEnvelope(envelope), `read as ${JSON.stringify(envelope)}`);
  return envelope;
}

test('an event in the JSON format comes back as it went, with its data untouched', () => {
  const event = writeStructured(ENVELOPE, EVENT);
  assert.deepEqual(event, {
    ...EVENT,
    id: 'msg_9',
    correlationid: 'req_7',
    causationid: 'msg_8',
    traceparent: TRACEPARENT,
    tracestate: 'a=1',
    waybill: packWaybill(ENVELOPE),
  });
  assert.deepEqual(readStructured(sent(event)), ENVELOPE);
  assert.deepEqual(EVENT, { specversion: '1.0', source: '/shop/orders', type: 'order.created', data: { order: 7 } });
});

const PREFIXES = ['ce-', 'ce_', 'cloudEvents_', 'cloudEvents:'];

for (const prefix of PREFIXES) {
  test(`an event in headers named ${prefix}… comes back as it went`, () => {
    const headers = writeBinary(ENVELOPE, { [`${prefix}source`]: '/shop', [`${prefix}specversion`]: '1.0', own: '1' });
    assert.deepEqual(
      Object.keys(headers).sort(),
      [
        'own',
        ...'causationid correlationid id source specversion traceparent tracestate type waybill'
          .split(' ')
          .map((name) => prefix + name),
      ].sort(),
    );
    assert.deepEqual(readBinary(headers), ENVELOPE);
    const bytes = Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)]);
    assert.deepEqual(readBinary(Object.fromEntries(bytes)), ENVELOPE, 'some clients hand out bytes');
  });
}

test('headers that name no attribute yet get them as HTTP has them', () => {
  const headers = writeBinary(anEnvelope({ causationId: null, eventType: null }), {});
  assert.deepEqual(Object.keys(headers), ['ce-specversion', 'ce-id', 'ce-correlationid', 'ce-waybill']);
});

test('over HTTP a value holds no quote, space or letter beyond ASCII, and comes back with them', () => {
  const envelope = anEnvelope({
    eventType: 'Bestellung "ü" 100% 😀',
    tenantId: 'a b',
    bindingsJson: '{"note":"\\u20ac 5\\n"}',
  });
  const headers = writeBinary(envelope, { 'ce-source': '/shop' });
  for (const value of Object.values(headers)) assert.match(value, /^[\x21\x23-\x7e]+$/);
  assert.equal(headers['ce-type'], 'Bestellung%20%22%C3%BC%22%20100%25%20%F0%9F%98%80');
  assert.deepEqual(readBinary(headers), envelope);
  const { 'ce-waybill': _, ...foreign } = headers;
  assert.equal(read(readBinary(foreign)).eventType, envelope.eventType);
  assert.equal(writeBinary(envelope, { ce_source: '/shop' })['ce_type'], envelope.eventType, 'Kafka carries any text');
});

test('half of a surrogate pair is no reason to throw', () => {
  assert.equal(writeBinary(anEnvelope({ eventType: 'a\ud800' }), {})['ce-type'], 'a%EF%BF%BD');
});

test('the room that a transport leaves is kept to, encoded too, and the identity stays', () => {
  const fields = Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`f${at}`, '" " " "']));
  const wide = anEnvelope({ bindingsJson: JSON.stringify(fields) });
  for (const lengthMax of [0, 700, 1024, 4096, 8192, Number.POSITIVE_INFINITY]) {
    const encoded = writeBinary(wide, {}, lengthMax)['ce-waybill'] ?? '';
    const plain = writeStructured(wide, EVENT, lengthMax)['waybill'];
    assert.ok(typeof plain === 'string');
    if (lengthMax >= 700) assert.ok(encoded.length <= Math.min(lengthMax, 8192), `${encoded.length} in ${lengthMax}`);
    if (lengthMax >= 700) assert.ok(plain.length <= Math.min(lengthMax, 8192));
    const {
      messageId,
      bindingsJson,
      overflow = 0,
    } = read(readBinary({ 'ce-specversion': '1.0', 'ce-waybill': encoded }));
    assert.equal(messageId, 'msg_9');
    assert.equal(Object.keys(JSON.parse(bindingsJson ?? '{}')).length + overflow, 400, 'what was dropped is counted');
  }
});

test('however the fields come to lie, none is a character too many', () => {
  const fields = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`f${at}`, at]));
  const tight = anEnvelope({ bindingsJson: JSON.stringify(fields) });
  for (let lengthMax = 700; lengthMax < 1200; lengthMax++) {
    const length = writeBinary(tight, {}, lengthMax)['ce-waybill']?.length ?? 0;
    assert.ok(length <= lengthMax, `${length} in ${lengthMax}`);
  }
});

test('what the app has set stays: its id, its type, its correlation, its trace', () => {
  const own = { ...EVENT, id: 'e-1', correlationid: 'c-1', causationid: 'c-2', traceparent: OTHER_TRACE, time: 'now' };
  const { waybill, ...rest } = writeStructured(ENVELOPE, own);
  assert.deepEqual(rest, own, 'and no tracestate of another trace beside it');
  assert.deepEqual(read(readStructured({ ...rest, waybill })), {
    ...ENVELOPE,
    traceHeaders: { traceparent: OTHER_TRACE, tracestate: undefined, baggage: undefined },
  });
  const headers = Object.fromEntries(
    Object.entries({ ...own, data: '' }).map(([name, value]) => [`ce-${name}`, value]),
  );
  const { 'ce-waybill': _, ...kept } = writeBinary(ENVELOPE, { ...headers });
  assert.deepEqual(kept, headers);
});

test('attributes that are null are unset, and a waybill that is there is of another message', () => {
  const event = writeStructured(ENVELOPE, { ...EVENT, id: null, correlationid: null, waybill: 'stale' });
  assert.deepEqual(readStructured(event), ENVELOPE);
  assert.equal(event['id'], 'msg_9');
  assert.deepEqual(readBinary(writeBinary(ENVELOPE, { 'ce-source': '/shop', 'ce-waybill': 'stale' })), ENVELOPE);
});

test('for one hop the event’s trace is the one that a tracer wrote for the transport', () => {
  const headers = writeBinary(ENVELOPE, { 'ce-source': '/shop', traceparent: OTHER_TRACE });
  assert.deepEqual([headers['ce-traceparent'], headers['ce-tracestate']], [OTHER_TRACE, undefined]);
});

test('the event’s own trace goes before the transport’s, which may be of the last hop', () => {
  const headers = {
    'ce-specversion': '1.0',
    'ce-id': '1',
    'ce-source': '/s',
    traceparent: OTHER_TRACE,
    tracestate: 'b=2',
  };
  assert.deepEqual(read(readBinary({ ...headers, 'ce-traceparent': TRACEPARENT, baggage: 'k=v' })).traceHeaders, {
    traceparent: TRACEPARENT,
    tracestate: undefined,
    baggage: 'k=v',
  });
  assert.equal(read(readBinary({ ...headers, 'ce-traceparent': 'broken' })).traceHeaders.tracestate, 'b=2');
});

test('an event of the official SDK, which is frozen and hides its data, is written whole', () => {
  class CloudEvent {
    readonly specversion = '1.0';
    readonly source = '/shop/orders';
    readonly id = 'e-1';
    readonly #data = { order: 7 };
    toJSON() {
      return { ...this, data: this.#data };
    }
  }
  const event = writeStructured(ENVELOPE, Object.freeze(new CloudEvent()));
  assert.deepEqual([event['id'], event['data']], ['e-1', { order: 7 }]);
  assert.deepEqual(readStructured(sent(event)), ENVELOPE);
});

test('an event whose own JSON throws is no reason to throw before its serializer does', () => {
  const toJSON = () => {
    throw new Error('theirs');
  };
  assert.equal(writeStructured(ENVELOPE, { ...EVENT, toJSON })['correlationid'], 'req_7');
  assert.equal(writeStructured(ENVELOPE, { ...EVENT, toJSON: () => 7 })['correlationid'], 'req_7');
});

test('what leaves our systems has nothing of ours', () => {
  const external = { ...ENVELOPE, isExternal: true } as const;
  assert.equal(writeStructured(external, EVENT), EVENT);
  assert.deepEqual(writeBinary(external, { 'ce-source': '/shop' }), { 'ce-source': '/shop' });
});

const FOREIGN = { ...EVENT, id: 'e-1', time: '2026-04-29T22:08:58Z', subject: 'order:7' };

test('an event of somebody else’s is named by its source and id together', () => {
  const envelope = read(
    readStructured({ ...FOREIGN, correlationid: 'txn-1', causationid: 'e-0', traceparent: TRACEPARENT }),
  );
  const { messageId, correlationId, causationId, eventType, sentAt, traceMode, businessKey, foreign } = envelope;
  assert.deepEqual(
    { messageId, correlationId, causationId, eventType, sentAt, traceMode, businessKey, foreign },
    {
      messageId: '/shop/orders|e-1',
      correlationId: 'txn-1',
      causationId: 'e-0',
      eventType: 'order.created',
      sentAt: null,
      traceMode: null,
      businessKey: null,
      foreign: { issuer: '/shop/orders', correlation_id: 'txn-1', message_id: 'e-1' },
    },
  );
  assert.equal(envelope.traceHeaders.traceparent, TRACEPARENT);
});

test('without a correlation it begins a workflow; the same id from two sources is two messages', () => {
  const one = read(readStructured(FOREIGN));
  const other = read(readStructured({ ...FOREIGN, source: '/shop/refunds' }));
  assert.equal(one.correlationId, one.messageId);
  assert.equal(one.causationId, null);
  assert.notEqual(one.messageId, other.messageId);
  const confused = [
    { source: '/a|b', id: 'c' },
    { source: '/a', id: 'b|c' },
  ].map((names) => read(readStructured({ ...FOREIGN, ...names })).messageId);
  assert.deepEqual(confused, ['/a%7Cb|c', '/a|b|c']);
});

test('sent again it is the same message, and in either mode', () => {
  const headers = { 'ce-specversion': '1.0', 'ce-source': '/shop/orders', 'ce-id': 'e-1', 'ce-type': 'order.created' };
  assert.deepEqual(readStructured({ ...FOREIGN, time: 'later' }), readStructured(FOREIGN));
  assert.deepEqual(readBinary(headers), readStructured(FOREIGN));
  assert.deepEqual(readBinary({ ...headers, 'ce-id': '"e-1"' }), readStructured(FOREIGN), 'older writers quote');
  assert.deepEqual(readBinary({ ...headers, 'ce-id': '"e\\-%31"' }), readStructured(FOREIGN));
});

test('a name that cannot be carried is its hash, and the fact has both parts', () => {
  const source = `https://example.com/${'x'.repeat(120)}`;
  const envelope = read(readStructured({ ...FOREIGN, source }));
  assert.match(envelope.messageId, /^[0-9a-f]{64}$/);
  assert.deepEqual(envelope.foreign, { issuer: source, correlation_id: 'e-1', message_id: 'e-1' });
  assert.match(read(readStructured({ ...FOREIGN, id: 'ü' })).messageId, /^[0-9a-f]{64}$/);
});

test('a workflow that passes through another language and comes back is one, and each message knows its cause', () => {
  const first = anEnvelope({ messageId: 'msg_1', correlationId: 'req_1', causationId: 'req_1' });
  const outbound = writeStructured(first, EVENT);
  // As the extension has it: the correlation goes on, the cause is the id of the event before.
  const theirs = { ...FOREIGN, correlationid: outbound['correlationid'], causationid: outbound['id'] };
  const second = read(readStructured(sent(theirs)));
  assert.deepEqual([second.correlationId, second.causationId], ['req_1', 'msg_1']);
  const third = anEnvelope({ correlationId: second.correlationId, causationId: second.messageId });
  const { correlationid, causationid } = writeStructured(third, EVENT);
  assert.deepEqual([correlationid, causationid], ['req_1', '/shop/orders|e-1']);
});

const trace = { traceHeaders: { traceparent: TRACEPARENT, tracestate: undefined, baggage: undefined } };
const GAPS: [what: string, event: unknown, expected: unknown][] = [
  ['nothing', undefined, 'absent'],
  ['null', null, 'absent'],
  ['text', 'event', 'absent'],
  ['a list', [FOREIGN], 'absent'],
  ['no version', { ...FOREIGN, specversion: undefined }, 'absent'],
  ['no version and a waybill', { waybill: packWaybill(ENVELOPE) }, 'absent'],
  ['no id', { ...FOREIGN, id: '' }, 'absent'],
  ['a number for an id', { ...FOREIGN, id: 7 }, 'absent'],
  ['no source', { ...FOREIGN, source: null }, 'absent'],
  ['no identity but a trace', { ...EVENT, traceparent: TRACEPARENT }, trace],
  ['no identity but a workflow', { ...EVENT, correlationid: 'c-1' }, { traceHeaders: {}, correlationId: 'c-1' }],
  [
    'a workflow whose name cannot be carried',
    { ...EVENT, correlationid: 'ü' },
    { traceHeaders: {}, correlationId: createHash('sha256').update('ü').digest('hex') },
  ],
  ['a waybill that is no JSON', { ...FOREIGN, waybill: 'x' }, 'unreadable'],
  ['a waybill that is no text', { ...FOREIGN, waybill: { v: 1 } }, 'unreadable'],
  ['a waybill that is too long', { ...FOREIGN, waybill: 'x'.repeat(8193) }, 'oversized'],
  [
    'a broken waybill beside the workflow and a trace',
    { ...FOREIGN, waybill: 'x', traceparent: TRACEPARENT, correlationid: 'c-1' },
    { ...trace, unusable: 'unreadable', correlationId: 'c-1' },
  ],
];

for (const [what, event, expected] of GAPS) {
  test(`an event with ${what} is read as ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(readStructured(event), expected);
  });
}

test('headers that are no CloudEvent say which trace and workflow they are of, if any', () => {
  assert.equal(readBinary({ own: '1', 'ce-id': '1', 'ce-source': '/s' }), 'absent');
  assert.deepEqual(readBinary({ traceparent: TRACEPARENT }), trace);
  const baggage = 'k=v,waybill.correlation_id=req_7';
  const rest = { traceHeaders: { traceparent: undefined, tracestate: undefined, baggage: 'k=v' } };
  assert.deepEqual(readBinary({ baggage }), { ...rest, correlationId: 'req_7' });
  const event = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s' };
  assert.equal(read(readBinary({ ...event, baggage })).correlationId, 'req_7');
  assert.equal(read(readBinary({ ...event, baggage, 'ce-correlationid': 'c-1' })).correlationId, 'c-1');
});

test('a header that is no UTF-8 when it is decoded, comes twice or is too long is none', () => {
  const event = { 'ce-specversion': '1.0', 'ce-source': '/s' };
  for (const id of ['%C0%A0', '%', '100%', ['1', '2'], Buffer.from([0x25])])
    assert.equal(readBinary({ ...event, 'ce-id': id }), 'absent');
  assert.equal(readBinary({ ...event, 'ce-id': '1', 'ce-waybill': '%C0' }), 'unreadable');
  assert.equal(readBinary({ ...event, 'ce-id': '1', 'ce-waybill': ['{}', '{}'] }), 'unreadable');
  for (const long of ['x'.repeat(8193), '%7B'.repeat(2731)]) {
    assert.equal(readBinary({ ...event, 'ce-id': long }), 'absent', 'and is not decoded to see');
    assert.equal(readBinary({ ...event, 'ce-id': '1', 'ce-waybill': long }), 'oversized');
  }
});

test('a waybill that its writer did not encode is read all the same', () => {
  const headers = { 'ce-specversion': '1.0', 'ce-waybill': packWaybill(ENVELOPE) };
  assert.equal(read(readBinary(headers)).messageId, 'msg_9');
});

test('whatever the attributes hold, reading and writing never throw, and an identity can be carried', () => {
  const chance = seeded(11);
  const names = 'specversion id source type correlationid causationid traceparent tracestate waybill data toJSON'.split(
    ' ',
  );
  for (let round = 0; round < 800; round++) {
    const event: Record<string, unknown> = { ...FOREIGN };
    for (let left = chance.below(5); left > 0; left--) event[chance.pick(names)] = anything();
    const headers = Object.fromEntries(Object.entries(event).map(([name, value]) => [`ce-${name}`, value]));
    for (const envelope of [readStructured(event), readBinary(headers)])
      if (isEnvelope(envelope)) assert.match(`${envelope.messageId}${envelope.correlationId}`, /^[\x20-\x7e]{2,256}$/);
    assert.deepEqual(
      readStructured(writeStructured(ENVELOPE, { ...event, specversion: '1.0', traceparent: null, tracestate: null })),
      ENVELOPE,
    );
  }

  function anything(): unknown {
    const text = chance.text(chance.pick([3, 40, 9000]));
    return chance.pick<unknown>([
      text,
      Buffer.from(text),
      null,
      undefined,
      7,
      [text],
      { [text]: text },
      `%${text}`,
      () => text,
    ]);
  }
});
