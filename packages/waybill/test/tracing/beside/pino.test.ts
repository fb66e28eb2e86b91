import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type BothRuns, playBoth } from './beside.ts';
import { theirs } from './spans.ts';

interface Said {
  readonly lines: readonly string[];
  /** The span that was active at each line but the first. */
  readonly active: readonly string[];
}

describe('@opentelemetry/instrumentation-pino beside our mixin', () => {
  let runs: BothRuns<Said>;
  before(async () => {
    runs = await playBoth<Said>('pino', ['pino']);
  });

  test('names the innermost span in each line, and each name is there once', () => {
    assert.deepEqual(theirs(runs.with.spans), theirs(runs.without.spans));
    const { lines, active } = runs.with.said;
    for (const [index, line] of lines.slice(1).entries()) {
      const names = [...line.matchAll(/"([^"]+)":/g)].map(([, name]) => name);
      assert.deepEqual(names, [...new Set(names)], line);
      assert.equal(JSON.parse(line).span_id, active[index]);
    }
  });

  test('leaves room for whose line it is', () => {
    const [outside, ...lines] = runs.with.said.lines.map((line) => JSON.parse(line));
    assert.equal(outside.correlation_id, undefined);
    assert.equal(lines.length, 3);
    for (const { correlation_id: id } of lines) assert.match(id, /^req_/);
    assert.equal(new Set(lines.map(({ trace_id: id }) => id)).size, 1);
  });
});
