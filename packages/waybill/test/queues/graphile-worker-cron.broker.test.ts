import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Runner, Task } from 'graphile-worker';
import { type Context, createWaybill, current, type StartedFact } from '../../src/index.ts';
import { wrapTaskList } from '../../src/queues/graphile-worker.ts';
import { missingBroker } from '../brokers/available.ts';
import { type GraphileSchema, makeSchema } from './graphile-worker-subject.ts';

const missing = await missingBroker('PostgreSQL', 5432);

describe('ticks of graphile-worker', { skip: missing ?? false }, () => {
  const started: StartedFact[] = [];
  const recorder = {
    record: (fact: { kind: string }) => void (fact.kind === 'started' && started.push(fact as StartedFact)),
  };
  const waybill = createWaybill({ service: 'test', namespace: 'test', recorder });
  let schema: GraphileSchema;
  before(async () => {
    schema = await makeSchema('postgres://postgres@127.0.0.1:5432/postgres');
  });
  after(() => schema.drop());

  /** Catches up on so many minutes of a cron task, until so many runs of it are over. */
  async function catchUp(name: string, minutes: number, runs: number, task: Task<string>): Promise<void> {
    const done = Promise.withResolvers<void>();
    let left = runs;
    const counted: Task<string> = async (payload, helpers) => {
      try {
        return await task(payload, helpers);
      } finally {
        if (--left === 0) done.resolve();
      }
    };
    started.length = 0;
    const runner: Runner = await schema.backfill(wrapTaskList({ [name]: counted }, waybill), name, minutes);
    await done.promise;
    await runner.stop();
  }

  test('a thousand ticks are a thousand workflows, each due at its own minute', async () => {
    const ticks: (Context | undefined)[] = [];
    const dues: unknown[] = [];
    await catchUp('reports', 1000, 1000, (payload) => {
      ticks.push(current());
      dues.push(Date.parse((payload as { _cron: { ts: string } })._cron.ts));
    });
    assert.equal(new Set(ticks.map((tick) => tick?.correlationId)).size, 1000);
    for (const tick of ticks) {
      assert.deepEqual([tick?.correlationId, tick?.causationId, tick?.tenantId], [tick?.messageId, null, 'system']);
    }
    assert.deepEqual(started.map(({ due_at }) => due_at).sort(), dues.sort());
    assert.deepEqual([...new Set(started.map(({ schedule_id }) => schedule_id))], ['reports']);
  });

  test('a tick that is tried again is the same message', async () => {
    let runs = 0;
    await catchUp('invoices', 1, 2, () => {
      if (++runs === 1) throw new Error('no paper');
    });
    const [first, second] = started;
    assert.match(first?.message_id ?? '', /^tick_/);
    assert.equal(second?.message_id, first?.message_id);
    assert.deepEqual([first?.attempt, second?.attempt], [1, 2]);
  });

  test('what a task makes of the payload of its tick is a message of its own, caused by the tick', async () => {
    const copies: (Context | undefined)[] = [];
    let tick: Context | undefined;
    await catchUp('exports', 1, 2, async (payload, { addJob }) => {
      if (tick !== undefined) return void copies.push(current());
      tick = current();
      await addJob('exports', payload);
    });
    assert.equal(copies[0]?.causationId, tick?.messageId);
    assert.match(copies[0]?.messageId ?? '', /^msg_/);
  });
});
