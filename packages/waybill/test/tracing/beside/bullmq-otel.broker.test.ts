import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { noRedis } from '../../queues/bullmq/bullmq-run.ts';
import { type BothRuns, playBoth, playWith } from './beside.ts';
import { ours, theirs } from './spans.ts';

interface Said {
  /** By job: its name, and the `traceparent` that it was sent with. */
  readonly carried: readonly [string, string][];
}

for (const module of ['bullmq', 'bullmq-5']) {
  describe(`bullmq-otel on ${module}`, { skip: noRedis }, () => {
    let runs: BothRuns<Said>;
    before(async () => {
      runs = await playBoth<Said>('bullmq-otel', [], module, 'boot');
    });

    test('makes the spans that it made before, each a child of the same one, and none of ours is beside them', () => {
      assert.deepEqual(theirs(runs.with.spans), theirs(runs.without.spans));
      assert.deepEqual(ours(runs.with.spans), []);
    });

    test('makes a span of each run, which says whose it is', () => {
      const handled = runs.with.spans.filter(({ kind }) => kind === 'CONSUMER');
      assert.equal(handled.length, 8);
      for (const { messageId } of handled) assert.match(String(messageId), /^msg_/);
    });

    test('is left alone where the app samples nothing: no run is then sampled beside it', async () => {
      assert.deepEqual((await playWith('bullmq-otel', [], module, 'unsampled')).spans, []);
    });

    test('still writes its own span on each job, and nobody writes beside it', () => {
      const { spans, said } = runs.with;
      const sends = spans.filter(({ kind, scope }) => kind === 'PRODUCER' && scope === 'bullmq');
      const written = new Set(sends.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`));
      assert.equal(said.carried.length, 5);
      for (const [name, traceparent] of said.carried) assert.ok(written.has(traceparent), `${name}: ${traceparent}`);
    });
  });
}
