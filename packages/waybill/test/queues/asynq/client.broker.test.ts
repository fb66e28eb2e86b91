import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { bind } from '../../../src/core/scope.ts';
import { missingBroker } from '../../brokers/available.ts';
import { type AsynqWorld, asynqWorld, NOW, SECOND } from './asynq-world.ts';

const missing = await missingBroker('Redis', 6379);

describe('enqueueing', { skip: missing ?? false }, () => {
  let world: AsynqWorld;
  beforeEach(() => {
    world = asynqWorld();
  });
  afterEach(() => world.close());

  const sent = () => world.facts.filter((fact) => fact.kind === 'sent');

  test('the options of a task are where Asynq looks for them, in its seconds', async () => {
    const client = world.client();
    const deadline = new Date(NOW + 90_500);
    const options = { maxRetry: 0, timeoutMs: 1999, deadline, retentionMs: 60_000, headers: { 'x-vendor': 'a' } };
    await client.enqueue({ type: 'a', queue: world.queue, taskId: 'T', payload: { n: 1 }, ...options });
    const message = await world.messageOf('T');
    assert.ok(message !== undefined);
    const { retry, timeout, retention, groupKey, uniqueKey } = message;
    assert.deepEqual(
      [retry, timeout, message.deadline, retention, groupKey, uniqueKey],
      [0, 1, SECOND + 90, 60, '', ''],
    );
    assert.equal(message.payload.toString(), '{"n":1}');
    assert.equal(message.headers['x-vendor'], 'a');
  });

  test('a deadline alone is no limit of half an hour', async () => {
    await world.client().enqueue({ type: 'a', queue: world.queue, taskId: 'T', deadline: NOW + 7_200_000 });
    const message = await world.messageOf('T');
    assert.deepEqual([message?.timeout, message?.deadline], [0, SECOND + 7200]);
  });

  test('payloads are bytes as they are, JSON of all else, and nothing for nothing', async () => {
    const payloads: [unknown, string][] = [
      [Buffer.from([0, 255, 10]), '00ff0a'],
      ['text', Buffer.from('"text"').toString('hex')],
      [null, Buffer.from('null').toString('hex')],
      [undefined, ''],
    ];
    for (const [payload, hex] of payloads) {
      const { id } = await world.client().enqueue({ type: 'a', queue: world.queue, payload });
      assert.equal((await world.messageOf(id))?.payload.toString('hex'), hex);
    }
  });

  test('a type’s options hold for its tasks, where a task does not say otherwise', async () => {
    const client = world.client({ types: { a: { queue: world.queue, maxRetry: 3, timeoutMs: 5000 } } });
    await client.enqueue({ type: 'a', taskId: 'T', maxRetry: 7, queue: undefined });
    const message = await world.messageOf('T');
    assert.deepEqual([message?.retry, message?.timeout], [7, 5]);
  });

  test('an options object that is frozen is fine, and none is changed', async () => {
    const headers = Object.freeze({ mine: '1' });
    const task = Object.freeze({ type: 'a', queue: world.queue, taskId: 'T', headers });
    await world.request(() => world.client().enqueue(task));
    assert.deepEqual([Object.keys(headers), Object.keys(task).length], [['mine'], 4]);
    assert.ok((await world.messageOf('T'))?.headers['waybill']);
  });

  for (const [what, delay] of [
    ['in some time', { processInMs: 90_400 }],
    ['at an instant', { processAt: NOW + 90_400 }],
    ['at a date', { processAt: new Date(NOW + 90_400) }],
  ] as const) {
    test(`a task to be processed ${what} is scheduled, for the second that Asynq keeps`, async () => {
      const answer = await world.client().enqueue({ type: 'a', queue: world.queue, taskId: 'T', ...delay });
      assert.equal(answer.status, 'scheduled');
      assert.deepEqual(await world.keys(), { scheduled: { T: SECOND + 90 }, 't:T': { state: 'scheduled' } });
      const [fact] = sent();
      assert.equal(fact?.kind === 'sent' && fact.not_before, NOW + 90_000);
    });
  }

  test('what was to be processed in the past is pending at once', async () => {
    const answer = await world.client().enqueue({ type: 'a', queue: world.queue, processAt: NOW - 1 });
    assert.equal(answer.status, 'pending');
  });

  test('a second task of the same id is a duplicate, and the first stays as it was', async () => {
    const client = world.client();
    const first = await client.enqueue({ type: 'a', queue: world.queue, taskId: 'T', payload: 1 });
    const second = await client.enqueue({ type: 'a', queue: world.queue, taskId: 'T', payload: 2, processInMs: 9000 });
    assert.deepEqual([first.status, second.status, second.id], ['pending', 'duplicate', 'T']);
    assert.equal((await world.messageOf('T'))?.payload.toString(), '1');
    assert.deepEqual(
      sent().map((fact) => fact.kind === 'sent' && [fact.status, fact.broker_id, fact.dedup_key]),
      [
        ['taken', 'T', 'T'],
        ['duplicate', 'T', 'T'],
      ],
    );
  });

  for (const headerInPayload of [false, true]) {
    const where = headerInPayload ? 'in headers and payload' : 'in headers';
    test(`a unique task is known by the app’s own payload, its context ${where}`, async () => {
      const client = world.client({ types: { a: { headerInPayload } } });
      const task = { type: 'a', queue: world.queue, uniqueMs: 60_000, payload: Buffer.from('{"order":42}') };
      const answers = [];
      for (const order of ['ORD-1', 'ORD-2']) {
        answers.push(
          await world.request(() => {
            bind({ order });
            return client.enqueue(task);
          }),
        );
      }
      const [first, second] = answers;
      assert.deepEqual([first?.status, second?.status, second?.id], ['pending', 'duplicate', first?.id]);
      const key = `${world.prefix}unique:a:${createHash('md5').update('{"order":42}').digest('hex')}`;
      assert.equal(await world.redis.get(key), first?.id);
      assert.ok((await world.redis.ttl(key)) > 50);
      assert.equal(await world.redis.hget(`${world.prefix}t:${first?.id}`, 'unique_key'), key);
      assert.equal((await world.messageOf(first?.id ?? ''))?.uniqueKey, key);
    });
  }

  test('a unique task without a payload has a key that ends in nothing', async () => {
    const { id } = await world.client().enqueue({ type: 'a', queue: world.queue, uniqueMs: 60_000 });
    assert.equal(await world.redis.get(`${world.prefix}unique:a:`), id);
  });

  test('an id that is taken takes no lock', async () => {
    const client = world.client();
    await client.enqueue({ type: 'a', queue: world.queue, taskId: 'T' });
    await client.enqueue({ type: 'a', queue: world.queue, taskId: 'T', uniqueMs: 60_000 });
    assert.equal(await world.redis.exists(`${world.prefix}unique:a:`), 0);
  });

  test('several tasks are one fan-out, each with a carrier of its own', async () => {
    const tasks = [1, 2, 3].map((n) => ({ type: 'a', queue: world.queue, payload: { n } }));
    const answers = await world.request(() => world.client().enqueueAll(tasks));
    const carriers = await Promise.all(answers.map(async ({ id }) => (await world.messageOf(id))?.headers['waybill']));
    assert.equal(new Set(carriers).size, 3);
    assert.deepEqual(
      sent().map((fact) => fact.kind === 'sent' && [fact.broker_id, fact.fanout?.index, fact.fanout?.count]),
      answers.map(({ id }, index) => [id, index, 3]),
    );
  });
});
