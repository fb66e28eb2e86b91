import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playBoth, playWith } from './beside.ts';
import { ours, spanOf, theirs } from './spans.ts';

interface Said {
  /** By request: each `traceparent` that came, and whether a waybill came. */
  readonly received: readonly (string | null)[];
}

test('@opentelemetry/instrumentation-undici makes the spans of all calls, and writes them on the wire alone', async () => {
  const runs = await playBoth<Said>('undici', ['undici']);
  assert.deepEqual(theirs(runs.with.spans), theirs(runs.without.spans));
  assert.deepEqual(ours(runs.with.spans), []);
  const { spans, said } = runs.with;
  const [first, second] = spans.filter(({ kind }) => kind === 'CLIENT');
  assert.deepEqual(said.received, [
    `00-${first?.traceId}-${first?.spanId}-01`,
    'waybill',
    `00-${second?.traceId}-${second?.spanId}-01`,
    null,
  ]);
});

test('a call of our own service that nothing else traces has a span of ours, which is on the wire; others have none', async () => {
  const { spans, said } = await playWith<Said>('undici', []);
  assert.deepEqual(ours(spans), ['CLIENT GET < request']);
  const { traceId, spanId } = spanOf(spans, 'GET');
  assert.deepEqual(said.received, [`00-${traceId}-${spanId}-01`, 'waybill', null]);
});
