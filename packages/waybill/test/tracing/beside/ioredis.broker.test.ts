import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { noRedis } from '../../queues/bullmq/bullmq-run.ts';
import { playBoth } from './beside.ts';
import { lineage, ours, theirs } from './spans.ts';

describe('@opentelemetry/instrumentation-ioredis', { skip: noRedis }, () => {
  test('has the commands that it had before, each a child of the same span', async () => {
    const runs = await playBoth('ioredis', ['ioredis']);
    assert.deepEqual(theirs(runs.with.spans), theirs(runs.without.spans));
    assert.deepEqual(ours(runs.with.spans), [
      'CONSUMER process orders < send orders < request',
      'PRODUCER send orders < request',
    ]);
  });

  test('sees nothing of what is asked for a fact: whether a job of that id was there already', async () => {
    const runs = await playBoth('ioredis', ['ioredis'], 'keyed');
    assert.deepEqual(theirs(runs.with.spans), theirs(runs.without.spans));
  });

  test('has the commands of a handler in its run, and not in the span in which the worker was started', async () => {
    const runs = await playBoth('ioredis', ['ioredis'], 'boot');
    assert.equal(lineage(runs.without.spans, 'get'), 'CLIENT get < charge < boot');
    assert.equal(lineage(runs.with.spans, 'get'), 'CLIENT get < charge < process orders < send orders < request');
  });
});
