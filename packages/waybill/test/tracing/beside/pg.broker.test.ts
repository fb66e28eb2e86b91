import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { missingBroker } from '../../brokers/available.ts';
import { playBoth } from './beside.ts';
import { lineage, ours, theirs } from './spans.ts';

/** Each run has a database of its own, whose name is in the spans. */
const inTheDatabase = (line: string) => line.replace(/waybill_[0-9a-f]{8}/, 'database');

describe('@opentelemetry/instrumentation-pg', { skip: (await missingBroker('PostgreSQL', 5432)) ?? false }, () => {
  test('has the queries that it had before, each a child of the same span', async () => {
    const runs = await playBoth('pg', ['pg']);
    assert.deepEqual(theirs(runs.with.spans), theirs(runs.without.spans));
    assert.deepEqual(ours(runs.with.spans), [
      'CONSUMER process orders < send orders < request',
      'PRODUCER send orders < request',
    ]);
  });

  test("has pg-boss' queries, and sees nothing of what is asked for a fact: which message was withdrawn", async () => {
    const runs = await playBoth('pg-boss', ['pg'], '{}');
    assert.deepEqual(theirs(runs.with.spans), theirs(runs.without.spans));
  });

  test('has the queries of graphile-worker as children of the request that adds a job', async () => {
    const runs = await playBoth('graphile-worker', ['pg']);
    assert.deepEqual(theirs(runs.with.spans).map(inTheDatabase), theirs(runs.without.spans).map(inTheDatabase));
    assert.deepEqual(ours(runs.with.spans), [
      'CONSUMER process charge < send charge < request',
      'PRODUCER send charge < request',
    ]);
  });

  test('has the queries of a handler in its run, and not in the span in which the worker was started', async () => {
    const runs = await playBoth('graphile-worker', ['pg'], 'boot');
    assert.equal(lineage(runs.without.spans, 'charge'), 'INTERNAL charge < boot');
    assert.equal(lineage(runs.with.spans, 'charge'), 'INTERNAL charge < process charge < send charge < request');
  });
});
