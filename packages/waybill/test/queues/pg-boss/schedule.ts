import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Stage } from './stage.ts';

export function scheduling({ boss, schema, connect, queueOf, request, facts, workUntil }: Stage): void {
  test('a tick of a cron expression is one message through its retry, its dead letter and its redrive', async () => {
    const dead = await queueOf();
    const queue = await queueOf({ retryLimit: 1, deadLetter: dead });
    await request(() => boss.schedule(queue, onceIn(2), { report: 'daily' }, { key: 'nightly', tz: 'UTC' }));
    assert.equal(facts('sent').length + facts('gap').length, 0, 'a template is no message');
    const timekeepers = [1, 2].map(() =>
      connect({ schedule: true, cronMonitorIntervalSeconds: 1, cronWorkerIntervalSeconds: 1 }),
    );
    const seen: unknown[] = [];
    const fail = ([job]: { readonly data: unknown }[]) => {
      seen.push(job?.data);
      throw new Error('no paper');
    };
    await workUntil(queue, 2, fail);
    await boss.unschedule(queue, 'nightly');
    for (const timekeeper of timekeepers) await (await timekeeper).stop({ graceful: false });
    while ((await boss.findJobs(dead)).length === 0) await new Promise(setImmediate);
    assert.equal(await boss.redrive(dead), 1);
    await workUntil(queue, 4, fail);
    await workUntil(dead, 1, ([job]) => seen.push(job?.data));
    assert.deepEqual(
      seen,
      Array.from({ length: 5 }, () => ({ report: 'daily' })),
    );
    const started = facts('started');
    const [first] = started;
    assert.equal(new Set(started.map(({ message_id }) => message_id)).size, 1);
    assert.equal(new Set(started.map(({ execution_id }) => execution_id)).size, 5);
    assert.deepEqual(
      started.map(({ destination, subscription, attempt, dead_lettered }) => [
        destination,
        subscription,
        attempt,
        dead_lettered,
      ]),
      [
        [queue, queue, 1, undefined],
        [queue, queue, 2, undefined],
        [queue, queue, 1, undefined],
        [queue, queue, 2, undefined],
        [queue, dead, 1, true],
      ],
    );
    assert.deepEqual(
      [first?.schedule_id, first?.correlation_id, first?.causation_id, first?.tenant_id, first?.trace_mode.mode],
      [`${queue}:nightly`, first?.message_id, null, 'acme', 'root'],
    );
  });

  test('two ticks that are made in one moment are two messages', async () => {
    const queue = await queueOf();
    await boss.schedule(queue, 'FREQ=SECONDLY', null);
    const timekeeper = await connect({ schedule: true, cronMonitorIntervalSeconds: 1, cronWorkerIntervalSeconds: 1 });
    const seen: unknown[] = [];
    await workUntil(queue, 2, ([job]) => seen.push(job?.data));
    await boss.unschedule(queue);
    await timekeeper.stop({ graceful: false });
    assert.deepEqual(seen.slice(0, 2), [null, null]);
    const [first, second] = facts('started');
    assert.notEqual(first?.message_id, second?.message_id);
    assert.deepEqual([first?.schedule_id, first?.tenant_id], [queue, 'system']);
    const { rows } = await boss
      .getDb()
      .executeSql(`SELECT created_on FROM ${schema}.job WHERE name = $1 ORDER BY created_on`, [queue]);
    assert.ok(rows[1].created_on - rows[0].created_on < 60_000, 'their jobs do not tell the minutes that they are for');
  });

  test('a schedule that pg-boss refuses is refused in its words', async () => {
    const queue = await queueOf();
    await assert.rejects(() => boss.schedule(queue, 'no cron', {}), /cron|invalid/i);
    const hostile = boss as unknown as { schedule(): Promise<void> };
    await assert.rejects(() => hostile.schedule());
    assert.equal(facts('sent').length, 0);
  });
}

/** A cron expression for one second of the year: no second tick comes while the first is tried again. */
function onceIn(seconds: number): string {
  const at = new Date(Date.now() + seconds * 1000);
  const [second, minute, hour] = [at.getUTCSeconds(), at.getUTCMinutes(), at.getUTCHours()];
  return `${second} ${minute} ${hour} ${at.getUTCDate()} ${at.getUTCMonth() + 1} *`;
}
