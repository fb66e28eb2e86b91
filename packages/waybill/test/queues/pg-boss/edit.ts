import assert from 'node:assert/strict';
import { test } from 'node:test';
import { current } from '../../../src/index.ts';
import type { Stage } from './stage.ts';

export function editing({ boss, queueOf, request, facts, forget, workUntil }: Stage): void {
  const singletonKey = 'document-5';

  test('new data is another message, of whoever gave it; the one that was waiting is superseded', async () => {
    for (const way of ['upsert', 'update', 'upsert of a request'] as const) {
      const queue = await queueOf();
      await request(() => boss.upsert(queue, { version: 1 }, { singletonKey }));
      const options = Object.freeze({ singletonKey });
      let cause: string | undefined;
      await request(() => {
        cause = current()?.messageId;
        if (way === 'upsert of a request') return boss.upsert({ name: queue, data: { version: 2 }, options });
        return boss[way](queue, { version: 2 }, options);
      });
      const [first, second] = facts('sent');
      assert.deepEqual([first?.status, second?.status, second?.broker_id], ['taken', 'taken', first?.broker_id], way);
      assert.deepEqual(
        facts('discarded').map(({ message_id, how, broker_id }) => [message_id, how, broker_id]),
        [[first?.message_id, 'superseded', first?.broker_id]],
        way,
      );
      await workUntil(queue, 1, ([job]) => {
        assert.deepEqual(job?.data, { version: 2 });
        assert.deepEqual([current()?.messageId, current()?.causationId], [second?.message_id, cause]);
      });
      assert.equal(facts('settled')[0]?.outcome, 'ok', way);
    }
  });

  test('without data a job keeps its payload and what it carries, and nothing was sent', async () => {
    for (const way of ['upsert', 'update'] as const) {
      const queue = await queueOf();
      await request(() => boss.send(queue, { version: 1 }, { singletonKey }));
      const [sent] = facts('sent');
      forget();
      await request(() => boss[way](queue, undefined, { singletonKey, priority: 5 }));
      assert.equal(facts('sent').length + facts('gap').length + facts('discarded').length, 0, way);
      await workUntil(queue, 1, ([job]) => assert.deepEqual(job?.data, { version: 1 }));
      assert.deepEqual([facts('started')[0]?.message_id, facts('settled')[0]?.outcome], [sent?.message_id, 'ok'], way);
    }
  });

  test('a job that is made without data has no place for context, and the loss is a gap on both sides', async () => {
    const queue = await queueOf();
    await request(() => boss.upsert(queue, undefined, { singletonKey }));
    assert.equal(facts('sent')[0]?.status, 'taken');
    await workUntil(queue, 1, ([job]) => assert.equal(job?.data, null));
    assert.deepEqual(
      facts('gap').map(({ gap }) => gap.reason),
      ['no_context', 'no_context'],
    );
  });

  test('an update that finds no job is refused, and what has run is not superseded', async () => {
    const queue = await queueOf();
    await request(() => boss.send(queue, { version: 1 }, { singletonKey }));
    await workUntil(queue, 1, () => {});
    forget();
    const answer = await request(() => boss.update(queue, { version: 2 }, { singletonKey }));
    assert.equal(answer.updated, 0);
    assert.deepEqual([facts('sent')[0]?.status, facts('discarded').length], ['refused', 0]);
  });

  test("on the app's own connection nothing is superseded yet: its transaction may be rolled back", async () => {
    const queue = await queueOf();
    await request(() => boss.upsert(queue, { version: 1 }, { singletonKey }));
    forget();
    await request(() => boss.upsert(queue, { version: 2 }, { singletonKey, db: boss.getDb() }));
    assert.deepEqual([facts('created').length, facts('sent').length, facts('discarded').length], [1, 0, 0]);
  });

  test('what pg-boss refuses it refuses in its own words', async () => {
    const queue = await queueOf();
    const hostile = boss as unknown as Record<'update' | 'upsert', (...args: unknown[]) => Promise<unknown>>;
    for (const way of ['update', 'upsert'] as const) {
      await assert.rejects(hostile[way](queue, { a: 1 }, {}), /exactly one of id or singletonKey/);
      await assert.rejects(hostile[way](null), /name/);
      await assert.rejects(
        hostile[way](queue, () => {}),
        /function/,
      );
      await assert.rejects(hostile[way]({ name: 5 }, 'more'), /1 argument/);
    }
  });
}
