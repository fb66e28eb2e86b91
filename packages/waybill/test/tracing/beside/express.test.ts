import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type BothRuns, playBoth, playWith } from './beside.ts';
import { lineage, ours, spanOf, theirs } from './spans.ts';

interface Said {
  /** Of the execution: the span that it says is its own. */
  readonly spanId?: string;
}

for (const instrumentations of [['http'], ['http', 'express']]) {
  describe(`beside instrumentation of ${instrumentations.join(' and ')} a request`, () => {
    let runs: BothRuns<Said>;
    before(async () => {
      runs = await playBoth<Said>('express', instrumentations);
    });

    test('has the spans that it had before, and no other', () => {
      assert.deepEqual(theirs(runs.with.spans), theirs(runs.without.spans));
      assert.deepEqual(ours(runs.with.spans), []);
      assert.match(lineage(runs.with.spans, 'look up'), / < GET[^<]* < GET < caller$/);
    });

    test("is an execution whose span is the server's, which says whose it is", () => {
      const { spans, said } = runs.with;
      const server = spans.find(({ kind }) => kind === 'SERVER');
      assert.equal(said.spanId, server?.spanId);
      assert.match(String(server?.messageId), /^req_/);
      assert.equal(spanOf(spans, 'caller').messageId, undefined);
    });
  });
}

test('a request that nothing else traces has a span of ours, and its handler runs in it', async () => {
  const { spans } = await playWith<Said>('express', []);
  assert.deepEqual(ours(spans), ['SERVER GET']);
  assert.equal(lineage(spans, 'look up'), 'INTERNAL look up < GET');
});
