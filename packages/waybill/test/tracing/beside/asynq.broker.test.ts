import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { noRedis } from '../../queues/bullmq/bullmq-run.ts';
import { playWith } from './beside.ts';
import { lineage, ours, theirs } from './spans.ts';

const play = async (...args: string[]) => (await playWith('asynq', ['ioredis'], ...args)).spans;

describe('a task from our client to our server', { skip: noRedis }, () => {
  test('has one span where it is enqueued and one where it runs', async () => {
    const spans = await play();
    assert.deepEqual(ours(spans), [
      'CONSUMER process orders < send orders < checkout',
      'PRODUCER send orders < checkout',
      'SERVER checkout',
    ]);
  });

  test("has the names and kinds that Asynq's users know, if told so", async () => {
    const spans = await play('named');
    assert.deepEqual(ours(spans), [
      'CLIENT Push Task < checkout',
      'SERVER Recv Task < Push Task < checkout',
      'SERVER checkout',
    ]);
  });

  test('runs in its own span, and is taken in none: not in the one in which the server was started', async () => {
    const spans = await play('boot');
    assert.equal(lineage(spans, 'charge'), 'INTERNAL charge < process orders < send orders < checkout');
    const inBoot = theirs(spans).filter((line) => line.endsWith('boot'));
    assert.deepEqual(inBoot, ['INTERNAL boot']);
  });
});
