import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { missingBroker } from '../../brokers/available.ts';
import { type BothRuns, playBoth, playWith } from './beside.ts';
import { lineage, ours, spanOf, theirs } from './spans.ts';

const play = (openTelemetry: object) => playBoth('pg-boss', [], JSON.stringify(openTelemetry), 'boot');

describe("pg-boss' own spans", { skip: (await missingBroker('PostgreSQL', 5432)) ?? false }, () => {
  let runs: BothRuns<unknown>;
  before(async () => {
    runs = await play({});
  });

  test('are those that there were before, and ours is only the run of what was fetched', () => {
    assert.deepEqual(theirs(runs.with.spans), theirs(runs.without.spans));
    assert.deepEqual(ours(runs.with.spans), ['CONSUMER process polled < request']);
  });

  test('of its workers begin a trace, and are linked to where their jobs were created', () => {
    const { spans } = runs.with;
    const { spanId: request } = spanOf(spans, 'request');
    const [single, batch] = [spanOf(spans, 'process orders'), spanOf(spans, 'process batches')];
    assert.deepEqual([single.parentId, single.links], [undefined, [request]]);
    assert.deepEqual([batch.parentId, batch.links], [undefined, [request, request]]);
    assert.match(String(single.messageId), /^msg_/);
  });

  test('are not sampled where the app wants none, and no run is then sampled beside them', async () => {
    const { spans } = await playWith('pg-boss', [], '{}', 'unsampled');
    assert.deepEqual(ours(spans), ['CONSUMER process polled']);
  });

  test('stay in the trace of the request where pg-boss carries it, and are not linked to it once more', async () => {
    const propagating = await play({ propagateContext: true });
    assert.deepEqual(theirs(propagating.with.spans), theirs(propagating.without.spans));
    assert.equal(
      lineage(propagating.with.spans, 'charge 1'),
      'INTERNAL charge 1 < process orders < send orders < request',
    );
    assert.deepEqual(spanOf(propagating.with.spans, 'process orders').links, []);
  });

  test('are ours where it makes none: one for each call that sends, for each run, and for each fetch', async () => {
    const silent = await play({ enabled: false });
    assert.deepEqual(ours(silent.with.spans), [
      'CLIENT receive polled < poll',
      'CONSUMER process batches',
      'CONSUMER process orders < send orders < request',
      'CONSUMER process polled < send polled < request',
      'PRODUCER send batches < request',
      'PRODUCER send orders < request',
      'PRODUCER send polled < request',
      'PRODUCER send polled < request',
    ]);
    assert.equal(lineage(silent.without.spans, 'charge 1'), 'INTERNAL charge 1 < boot');
    assert.equal(lineage(silent.with.spans, 'charge 1'), 'INTERNAL charge 1 < process orders < send orders < request');
    assert.equal(lineage(silent.with.spans, 'charge 2'), 'INTERNAL charge 2 < process batches');
  });
});
