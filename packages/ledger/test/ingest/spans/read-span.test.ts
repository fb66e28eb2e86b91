import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSpan } from '../../../src/ingest/spans/read-span.ts';
import type { Span } from '../../../src/ingest/spans/span.ts';
import { attributesOf, hexId, itemOf } from './made-spans.ts';

const ORIGIN = { service: 'shop', instance: 'shop-1', version: '1.2.3' };
const CONTEXT = { trace_id: hexId('t', 32), span_id: hexId('span', 16) };
const item = itemOf({ name: 'span', parent: 'above', kind: 'PRODUCER', attributes: {} });

function read(more: object): Span {
  const reading = readSpan({ ...item, ...more }, ORIGIN);
  if ('rejected' in reading) throw new Error(reading.rejected);
  return reading;
}

/** What the attributes say, without what every span has. */
function said(attributes: Readonly<Record<string, string | number>>): object {
  const bare = read({ attributes: [] });
  return Object.fromEntries(
    Object.entries(read({ attributes: attributesOf(attributes) })).filter(([name]) => !(name in bare)),
  );
}

test('a span is read with its times cut to milliseconds, and its resource', () => {
  assert.deepEqual(read({}), {
    ...CONTEXT,
    parent_span_id: hexId('above', 16),
    ...{ kind: 'producer', name: 'span', started_at: 10_000, ended_at: 10_010 },
    ...ORIGIN,
  });
});

test('a kind is a number or its name, and what is neither is internal', () => {
  const kinds = [0, 1, 2, 3, 4, 5, 6, -1, 'SPAN_KIND_SERVER', 'SPAN_KIND_CONSUMER', '__proto__', null, {}];
  assert.deepEqual(
    kinds.map((kind) => read({ kind }).kind),
    [
      ...['internal', 'internal', 'server', 'client', 'producer', 'consumer', 'internal', 'internal'],
      ...['server', 'consumer', 'internal', 'internal', 'internal'],
    ],
  );
});

test('the conventions of today and those before them say the same', () => {
  const expected = {
    system: 'kafka',
    destination: 'orders',
    subscription: 'mailers',
    broker_id: '17',
    conversation_id: 'c1',
    messaging_operation: 'process',
  };
  assert.deepEqual(
    said({
      'messaging.system': 'kafka',
      'messaging.destination.name': 'orders',
      'messaging.consumer.group.name': 'mailers',
      'messaging.message.id': '17',
      'messaging.message.conversation_id': 'c1',
      'messaging.operation.type': 'process',
      'messaging.operation.name': 'consume',
    }),
    expected,
  );
  assert.deepEqual(
    said({
      'messaging.system': 'kafka',
      'messaging.destination': 'orders',
      'messaging.kafka.consumer.group': 'mailers',
      'messaging.message_id': '17',
      'messaging.conversation_id': 'c1',
      'messaging.operation': 'process',
    }),
    expected,
  );
  const http = { http_method: 'GET', http_route: '/orders', http_status: '503' };
  assert.deepEqual(
    said({ 'http.request.method': 'GET', 'url.path': '/orders', 'http.response.status_code': 503 }),
    http,
  );
  assert.deepEqual(said({ 'http.method': 'GET', 'http.target': '/orders', 'http.status_code': 503 }), http);
});

test('of an old and a new name the new one counts, in whatever order they come', () => {
  const [newer, older] = [{ 'messaging.destination.name': 'new' }, { 'messaging.destination': 'old' }];
  assert.deepEqual(said({ ...newer, ...older }), { destination: 'new' });
  assert.deepEqual(said({ ...older, ...newer }), { destination: 'new' });
});

test('an identity that was stamped is kept whole, or not at all', () => {
  const name = 'waybill.message_id';
  assert.deepEqual(said({ [name]: 'm'.repeat(128) }), { message_id: 'm'.repeat(128) });
  assert.deepEqual(said({ [name]: '__proto__' }), { message_id: '__proto__' });
  for (const id of ['m'.repeat(129), 'é', '', 'a\nb', 7]) assert.deepEqual(said({ [name]: id }), {});
  assert.deepEqual(said({ 'messaging.destination.name': 'd'.repeat(257), 'http.status_code': 99 }), {});
});

test('attributes that are no such thing are passed over, and so is what nobody asks for', () => {
  const odd = [null, 7, [], {}, { key: 7, value: {} }, { key: 'messaging.system' }, { key: '__proto__', value: {} }];
  const deep = { key: 'messaging.system', value: { arrayValue: { values: [{ stringValue: 'a' }] } } };
  const good = attributesOf({ 'messaging.system': 'kafka', 'db.system': 'postgresql' });
  const { system, ...rest } = read({ attributes: [...odd, deep, ...good] });
  assert.equal(system, 'kafka');
  assert.deepEqual(rest, read({}));
});

test('links are kept once each, at most 128, and bad ones not', () => {
  const link = (word: string) => ({ traceId: hexId('t', 32), spanId: hexId(word, 16) });
  const bad = [null, {}, { traceId: 'x', spanId: hexId('a', 16) }, { traceId: '0'.repeat(32), spanId: hexId('a', 16) }];
  const context = ({ traceId, spanId }: ReturnType<typeof link>) => ({ trace_id: traceId, span_id: spanId });
  assert.deepEqual(read({ links: [...bad, link('a'), link('b'), link('a')] }).links, [
    context(link('a')),
    context(link('b')),
  ]);
  assert.equal(read({ links: Array.from({ length: 500 }, (_, n) => link(`${n}`)) }).links?.length, 128);
  assert.equal('links' in read({ links: bad }), false);
});

test('a failure is told by its first exception, else by its status', () => {
  const exception = (type: string) => ({
    name: 'exception',
    attributes: attributesOf({ 'exception.type': type, 'exception.message': `of ${type}` }),
  });
  const failed = (more: object) => {
    const { is_error, error_type, error_message } = read({ status: { code: 2, message: 'said' }, ...more });
    return [is_error, error_type, error_message];
  };
  assert.deepEqual(failed({ events: [{ name: 'log' }, null, exception('A'), exception('B')] }), [true, 'A', 'of A']);
  assert.deepEqual(failed({}), [true, undefined, 'said']);
  assert.deepEqual(failed({ attributes: attributesOf({ 'error.type': 'T' }) }), [true, 'T', 'said']);
  assert.equal(
    failed({ status: { code: 'STATUS_CODE_ERROR', message: 'm'.repeat(5_000) } })[2]?.toString().length,
    1_024,
  );
  for (const status of [{}, { code: 1 }, null, 'error']) assert.equal(failed({ status })[0], undefined);
});

const REJECTED: readonly (readonly [more: object | null, why: string])[] = [
  [null, 'the span is no object'],
  [{ traceId: undefined }, 'traceId is missing'],
  [{ traceId: '0'.repeat(32) }, 'traceId is missing'],
  [{ traceId: 'z'.repeat(32) }, 'traceId is not 32 hex digits'],
  [{ traceId: Buffer.from(CONTEXT.trace_id, 'hex').toString('base64') }, 'traceId is not 32 hex digits'],
  [{ spanId: '' }, 'spanId is missing'],
  [{ spanId: 'a'.repeat(15) }, 'spanId is not 16 hex digits'],
  [{ parentSpanId: 'a' }, 'parentSpanId is not 16 hex digits'],
  [{ startTimeUnixNano: '0' }, 'startTimeUnixNano is no time'],
  [{ endTimeUnixNano: '999999999999999999999' }, 'endTimeUnixNano is no time'],
  [{ attributes: {} }, 'attributes is no list'],
  [{ links: 'none' }, 'links is no list'],
  [{ events: 1 }, 'events is no list'],
];

for (const [more, why] of REJECTED)
  test(`a span is rejected: ${why}, ${JSON.stringify(more)?.slice(0, 40)}`, () => {
    assert.deepEqual(readSpan(more === null ? 7 : { ...item, ...more }, ORIGIN), { rejected: why });
  });
