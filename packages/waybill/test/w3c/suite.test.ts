import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RawHeader, startRelay, valuesOf } from './relay.ts';
import { type Exchange, SUITE, TRACE_ID } from './suite-cases.ts';

const relay = await startRelay({ originateTrace: true });

test('the suite is whole: 40 cases of level 1 and one of level 2', () => {
  const names = new Set(SUITE.map(({ rule }) => rule));
  assert.deepEqual([names.size, SUITE.length, SUITE.filter(({ level }) => level === 2).length], [41, 41, 1]);
});

for (const { rule, outcome, level, exchanges } of SUITE) {
  test(`${outcome} (level ${level}: ${rule})`, async () => {
    for (const exchange of exchanges) {
      const calls = await relay(exchange.headers, exchange.calls);
      assert.equal(calls.length, exchange.calls ?? 1);
      check(exchange, calls);
    }
  });
}

// The only version that we know, and no id of zeros.
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

function check({ headers, trace, state = [], flags }: Exchange, calls: readonly RawHeader[][]): void {
  const sent = JSON.stringify(headers);
  const spans = new Set<string>();
  for (const call of calls) {
    const traceparents = valuesOf(call, 'traceparent');
    assert.equal(traceparents.length, 1, `one traceparent after ${sent}`);
    const [, traceId = '', spanId = '', arrivedFlags] = TRACEPARENT.exec(traceparents[0] ?? '') ?? [];
    assert.notEqual(traceId, '', `a valid traceparent after ${sent}, not ${traceparents}`);
    // Nor a part of what came, which would be a trace id cut to fit.
    if (trace === 'kept') assert.equal(traceId, TRACE_ID, sent);
    else assert.ok(!traceId.includes(TRACE_ID.slice(1, -1)), `a new trace after ${sent}`);
    assert.ok(!sent.includes(spanId), `a span of its own after ${sent}`);
    assert.deepEqual(membersOf(call), state, sent);
    if (flags !== undefined) assert.equal(arrivedFlags, flags, sent);
    spans.add(spanId);
  }
  assert.equal(spans.size, calls.length, `a span for each call after ${sent}`);
}

/** What a list holds, whoever wrote it: no spaces around members, and no empty ones. */
function membersOf(headers: readonly RawHeader[]): string[] {
  return valuesOf(headers, 'tracestate')
    .flatMap((value) => value.split(','))
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((member) => member !== '');
}
