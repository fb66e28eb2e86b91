import assert from 'node:assert/strict';
import { test } from 'node:test';
import { current } from '../../../src/index.ts';
import { PAYLOAD_FIELD } from '../../../src/layouts/payload-field.ts';
import type { Stage } from './stage.ts';

export function publishing({ boss, queueOf, request, facts, forget, workUntil }: Stage): void {
  test('all copies are one message, sent to the event, with a subscription for each queue that takes one', async () => {
    const dead = await queueOf();
    const queues = [await queueOf({ retryLimit: 0, deadLetter: dead }), await queueOf()];
    for (const queue of queues) await boss.subscribe('order.placed', queue);
    await request(() => boss.publish('order.placed', { order: 'ORD-1' }));
    const [sent, ...more] = facts('sent');
    assert.deepEqual(
      [sent?.destination, sent?.event_type, sent?.status, more.length],
      ['order.placed', 'order.placed', 'taken', 0],
    );
    const seen: unknown[] = [];
    const [failing = '', other = ''] = queues;
    await workUntil(failing, 1, ([job]) => {
      seen.push(job?.data, current()?.messageId);
      throw new Error('no stock');
    });
    await workUntil(other, 1, ([job]) => seen.push(job?.data, current()?.messageId));
    await workUntil(dead, 1, ([job]) => seen.push(job?.data, current()?.messageId));
    const each = [{ order: 'ORD-1' }, sent?.message_id];
    assert.deepEqual(seen, [...each, ...each, ...each]);
    assert.deepEqual(
      facts('started').map(({ destination, subscription, trace_mode }) => [
        destination,
        subscription,
        trace_mode.mode,
        trace_mode.reason,
      ]),
      [
        ['order.placed', failing, 'L', 'event'],
        ['order.placed', other, 'L', 'event'],
        [dead, dead, 'L', 'dead letter'],
      ],
    );
  });

  test('an event without data comes without data, and an array comes as it was', async () => {
    const queue = await queueOf();
    await boss.subscribe('stock.low', queue);
    const seen: unknown[] = [];
    await request(() => boss.publish('stock.low'));
    await request(() => boss.publish('stock.low', [{ a: 1 }, { a: 2 }]));
    await workUntil(queue, 2, ([job]) => seen.push(job?.data));
    assert.deepEqual(seen, [null, [{ a: 1 }, { a: 2 }]]);
    assert.deepEqual(
      facts('started').map(({ destination }) => destination),
      ['stock.low', 'stock.low'],
    );
  });

  test('where a copy could not be made it is unknown whether the message was taken, and the error is that of pg-boss', async () => {
    const queue = await queueOf();
    await boss.subscribe('order.broken', queue);
    await assert.rejects(
      request(() => boss.publish('order.broken', { text: '\u0000' })),
      AggregateError,
    );
    assert.deepEqual(
      facts('sent').map(({ status }) => status),
      ['unknown'],
    );
    forget();
    const hostile = boss as unknown as { publish(): Promise<void> };
    await assert.rejects(() => hostile.publish(), /required/);
    assert.equal(facts('sent').length, 0);
  });

  test("an event on the app's own connection is created, not sent: its transaction may be rolled back", async () => {
    const queue = await queueOf();
    await boss.subscribe('order.paid', queue);
    await request(() => boss.publish('order.paid', { a: 1 }, { db: boss.getDb() }));
    assert.deepEqual([facts('created').length, facts('sent').length], [1, 0]);
  });

  test('a throttled and a debounced job that is there already is a duplicate, and its sender gets null as ever', async () => {
    for (const way of ['sendThrottled', 'sendDebounced'] as const) {
      const queue = await queueOf();
      const ids = await request(async () => {
        const sends = [];
        // A debounced job may also take the next slot.
        for (let count = 0; count < 3; count++) sends.push(await boss[way](queue, { a: 1 }, null, 3600, 'daily'));
        return sends;
      });
      const statuses = ids.map((id) => (id === null ? 'duplicate' : 'taken'));
      assert.equal(ids.at(-1), null, way);
      assert.deepEqual(
        facts('sent').map(({ status, dedup_key }) => [status, dedup_key]),
        statuses.map((status) => [status, 'daily']),
        way,
      );
    }
  });

  test("what another tool wrote beside ours stays in a published event's data", async () => {
    const queue = await queueOf();
    await boss.subscribe('order.traced', queue);
    const data = Object.freeze({ a: 1, [PAYLOAD_FIELD]: Object.freeze({ vendor: 'kept' }) });
    await request(() => boss.publish('order.traced', data));
    await workUntil(queue, 1, ([job]) => assert.deepEqual(job?.data, data));
    assert.equal(facts('settled')[0]?.outcome, 'ok');
  });

  test('what a stranger put into the data does not say where a job was sent', async () => {
    const queue = await queueOf();
    const data = { a: 1, [PAYLOAD_FIELD]: { published_as: 'elsewhere' } };
    await request(() => boss.send(queue, data));
    await workUntil(queue, 1, ([job]) => assert.deepEqual(job?.data, data));
    const [started] = facts('started');
    assert.deepEqual([started?.destination, started?.message_id], [queue, facts('sent')[0]?.message_id]);
    assert.equal(facts('settled')[0]?.outcome, 'ok');
  });
}
