import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeTraces } from '../../src/ingest/decode-traces.ts';
import { itemOf, tracesBody } from './spans/made-spans.ts';

const bodyOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

test('each span comes out with its own resource', () => {
  const { spans, rejected } = decodeTraces(
    tracesBody([
      { name: 'a', service: 'one' },
      { name: 'b', service: 'two' },
    ]),
  );
  assert.deepEqual(
    spans.map(({ name, service, instance }) => [name, service, instance]),
    [
      ['a', 'one', 'one-1'],
      ['b', 'two', 'two-1'],
    ],
  );
  assert.equal(rejected, 0);
});

test('a resource that says nothing is an unknown service, and one whose name is too long is as well', () => {
  const of = (resource: unknown) =>
    decodeTraces(bodyOf({ resourceSpans: [{ resource, scopeSpans: [{ spans: [itemOf({ name: 'a' })] }] }] })).spans[0];
  const long = { attributes: [{ key: 'service.name', value: { stringValue: 's'.repeat(300) } }] };
  for (const resource of [undefined, {}, { attributes: {} }, long])
    assert.deepEqual([of(resource)?.service, of(resource)?.instance], ['unknown_service', '']);
});

test('bad spans are counted with the reason, and the good ones beside them are kept', () => {
  const spans = [itemOf({ name: 'a' }), { ...itemOf({ name: 'b' }), spanId: 'b' }, 7, 8];
  const decoded = decodeTraces(bodyOf({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
  assert.deepEqual(
    [decoded.spans.length, decoded.rejected, decoded.reason],
    [1, 3, '1 span: spanId is not 16 hex digits; 2 spans: the span is no object'],
  );
});

test('what is no request for traces is refused as a whole', () => {
  for (const value of [
    { resourceSpans: {} },
    { resourceSpans: [7] },
    { resourceSpans: [{ scopeSpans: [{ spans: 7 }] }] },
  ])
    assert.throws(() => decodeTraces(bodyOf(value)), { code: 'BODY_UNREADABLE' });
  assert.deepEqual(decodeTraces(bodyOf({ resourceLogs: [] })), { spans: [], rejected: 0 });
});
