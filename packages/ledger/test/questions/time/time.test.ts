import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reconstruct } from '../../../src/questions/graph/reconstruct.ts';
import { time } from '../../../src/questions/time/time.ts';
import { checkout, messageEnding } from '../checkout.ts';
import { counted, sent, settled, started } from '../fact-makers.ts';

test('the parts of the charge add up to its 42 minutes', () => {
  const answer = time(checkout(), messageEnding('PWASC1'));
  const [place, ...others] = answer?.places ?? [];
  assert.deepEqual(others, []);
  assert.deepEqual(
    [place?.begins_at, place?.begins_from, place?.ends_at, place?.wall_ms, place?.has_negative],
    ['2026-03-17T14:02:12.640Z', 'sent.at', '2026-03-17T14:44:25.740Z', 2_533_100, false],
  );
  assert.deepEqual(place?.totals_ms, { queued: 5_300, run: 2_800, backoff: 5_000, lease_lost: 2_520_000 });
  assert.equal(
    place?.segments.reduce((sum, { ms }) => sum + ms, 0),
    place?.wall_ms,
  );
});

test('every segment names the facts that it rests on', () => {
  const graph = checkout();
  for (const { messageId } of graph.messages())
    for (const { segments } of time(graph, messageId)?.places ?? [])
      for (const { because_facts, kind } of segments) assert.ok(because_facts.length > 0, `${messageId} ${kind}`);
});

test('a duplicate stands beside the sum', () => {
  const [place] = time(checkout(), messageEnding('8EMSF7'))?.places ?? [];
  assert.deepEqual(
    place?.segments.map(({ kind }) => kind),
    ['queued', 'run'],
  );
  assert.deepEqual(
    place?.beside.map(({ kind, ms }) => [kind, ms]),
    [['skipped', 25]],
  );
});

test('a negative part is flagged, and in the sum as it was recorded', () => {
  const facts = [sent('msg_a', 1_050), started('msg_a', 1, 1_000, counted(1)), settled('msg_a', 1, 1_500, 'ok')];
  const [place] = time(reconstruct(facts, { asOf: 9_000 }), 'msg_a')?.places ?? [];
  assert.deepEqual(
    place?.segments.map(({ kind, ms, is_negative }) => [kind, ms, is_negative]),
    [
      ['queued', -50, true],
      ['run', 500, false],
    ],
  );
  assert.deepEqual([place?.wall_ms, place?.has_negative], [450, true]);
});

test('where nothing can be said of a message, no time is told', () => {
  const [place] = time(checkout(), messageEnding('5WSF21'))?.places ?? [];
  assert.deepEqual([place?.state, place?.wall_ms, place?.ends_at, place?.segments], ['unknown', null, null, []]);
  assert.equal(time(checkout(), 'msg_nobody'), null);
});

test('while an execution is counted out of sight, the time before the next is unaccounted', () => {
  const facts = [
    sent('msg_a', 0),
    started('msg_a', 1, 100, counted(1)),
    settled('msg_a', 1, 200, 'retry', { retry_at: 1_200 }),
    started('msg_a', 3, 9_000, counted(3)),
    settled('msg_a', 3, 9_500, 'ok'),
  ];
  const [place] = time(reconstruct(facts, { asOf: 20_000 }), 'msg_a')?.places ?? [];
  assert.deepEqual(
    place?.segments.map(({ kind, ms, evidence }) => `${kind} ${ms} ${evidence}`),
    [
      'queued 100 observed',
      'run 100 observed',
      'backoff 1000 observed',
      'unaccounted 7800 unknown',
      'run 500 observed',
    ],
  );
});
