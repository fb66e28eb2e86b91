import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { DestinationReport } from '../../../src/index.ts';
import { probeBoss } from '../../../src/queues/pg-boss/pg-boss.ts';
import type { Stage } from './stage.ts';

export function probing({ boss, schema, connect, queueOf, request, facts }: Stage): void {
  /** As they are sent: what is undefined is not there. */
  const reportsOf = async (...queues: string[]): Promise<DestinationReport[]> =>
    JSON.parse(JSON.stringify(await probeBoss(boss, { queues })()));
  const reportOf = async (queue: string) => (await reportsOf(queue))[0];

  /** Made so long ago, as the database has it. */
  const sendSince = async (queue: string, seconds: number) => {
    const id = await boss.send(queue, {});
    const made = `created_on - make_interval(secs => ${seconds})`;
    await boss
      .getDb()
      .executeSql(`UPDATE ${schema}.job SET created_on = ${made}, start_after = ${made} WHERE id = $1`, [id]);
  };

  test('an empty queue: nothing waits, its settings are told, and nothing is said of consumers that none knows', async () => {
    const queue = await queueOf({ retryLimit: 4, expireInSeconds: 60 });
    assert.deepEqual(await reportOf(queue), {
      name: queue,
      kind: 'queue',
      system: 'pg_boss',
      depth: 0,
      oldest_ms: 0,
      lease_ms: 60_000,
      max_attempts: 5,
    });
  });

  test('a queue and the one for what failed in it name each other as their facts do', async () => {
    const dead = await queueOf();
    const queue = await queueOf({ deadLetter: dead });
    await request(() => boss.send(queue, {}));
    const [sent] = facts('sent');
    const reports = await reportsOf(queue, dead);
    assert.deepEqual(
      reports.map(({ name, kind, system, dead_letter }) => [name, kind, system, dead_letter]),
      [
        [sent?.destination, 'queue', sent?.system, dead],
        [dead, 'dead-letter', sent?.system, undefined],
      ].sort(([one = ''], [other = '']) => one.localeCompare(other)),
    );
  });

  test('what waits, and for how long the oldest: without what is delayed, worked on or done', async () => {
    const queue = await queueOf();
    for (const end of ['complete', 'none'] as const) {
      await boss.send(queue, {});
      const [job] = await boss.fetch(queue);
      if (end === 'complete') await boss.complete(queue, job?.id ?? '');
    }
    await sendSince(queue, 50);
    await sendSince(queue, 20);
    await boss.send(queue, {}, { startAfter: 600 });
    const { depth, oldest_ms = 0 } = (await reportOf(queue)) ?? {};
    assert.equal(depth, 2);
    assert.ok(oldest_ms >= 50_000 && oldest_ms < 80_000, `${oldest_ms}`);
  });

  test('what came after pg-boss has counted does not leave its queue empty', async () => {
    const queue = await queueOf();
    await boss.send(queue, {}, { startAfter: 600 });
    assert.equal((await reportOf(queue))?.depth, 0);
    await boss.send(queue, {});
    assert.equal((await reportOf(queue))?.depth, undefined);
  });

  test('how long the oldest waits is left out where the job that was made first came back as a retry', async () => {
    const queue = await queueOf({ retryLimit: 2, retryDelay: 0 });
    await boss.send(queue, {});
    const [job] = await boss.fetch(queue);
    await boss.fail(queue, job?.id ?? '', new Error('no stock'));
    const report = await reportOf(queue);
    assert.deepEqual([report?.depth, 'oldest_ms' in (report ?? {})], [1, false]);
  });

  test('a silent worker is waited for as long as its heartbeat says, where there is one', async () => {
    const queue = await queueOf({ expireInSeconds: 900, heartbeatSeconds: 10 });
    assert.equal((await reportOf(queue))?.lease_ms, 10_000);
  });

  test('workers count while their instance lives; when it is gone, the last time it was seen is told', async () => {
    const queue = await queueOf();
    const other = await connect({ instanceHeartbeatSeconds: 1 });
    await other.work(queue, async () => {});
    await other.work(queue, async () => {});
    while ((await reportOf(queue))?.consumers === undefined) await pause(100);
    const working = await reportOf(queue);
    await other.stop({ graceful: true });
    const left = await reportOf(queue);
    assert.deepEqual([working?.consumers, left?.consumers], [2, 0]);
    const seenAt = Date.parse(left?.last_consumer_seen_at ?? '');
    assert.ok(Math.abs(seenAt - Date.now()) < 30_000, `${left?.last_consumer_seen_at}`);
  });

  test('all queues are told of where none is named, and the library’s own are not', async () => {
    const queue = await queueOf();
    await boss.createQueue('__pgboss__send-it');
    const names = [await probeBoss(boss)()].flat().map(({ name }) => name);
    await boss.deleteQueue('__pgboss__send-it');
    assert.ok(names.includes(queue));
    assert.deepEqual(
      names.filter((name) => name.startsWith('__pgboss__')),
      [],
    );
  });
}
