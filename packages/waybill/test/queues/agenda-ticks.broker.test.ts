import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type Agenda, constant, Job, type JobParameters } from 'agenda';
import {
  bind,
  type Context,
  createWaybill,
  current,
  type Fact,
  type SettledFact,
  type StartedFact,
} from '../../src/index.ts';
import { instrumentAgenda } from '../../src/queues/agenda.ts';
import { missingBroker } from '../brokers/available.ts';
import { type AgendaTable, makeTable } from './agenda-subject.ts';

const missing = await missingBroker('PostgreSQL', 5432);

describe('ticks of Agenda', { skip: missing ?? false }, () => {
  const facts: Fact[] = [];
  const waybill = createWaybill({
    service: 'test',
    namespace: 'test',
    recorder: { record: (fact) => void facts.push(fact) },
  });
  const of = <F>(kind: string) =>
    facts.filter((fact) => fact.kind === kind && fact.kind !== 'dropped' && fact.system === 'agenda') as F[];
  const started = () => of<StartedFact>('started');
  const settled = () => of<SettledFact>('settled');
  let table: AgendaTable;
  let agenda: Agenda;
  let count = 0;
  let name = '';

  before(async () => {
    table = await makeTable('postgres://postgres@127.0.0.1:5432/postgres');
  });
  after(() => table.drop());
  beforeEach(() => {
    name = `tick-${++count}`;
    facts.splice(0);
  });

  /** Fires a schedule until so many of its runs are over. */
  async function fire(runs: number, handler: (job: Job) => unknown, options = {}): Promise<void> {
    agenda = instrumentAgenda(await table.makeAgenda({ processEvery: 5 }), waybill);
    const done = Promise.withResolvers<void>();
    agenda.on('complete', () => settled().length >= runs && done.resolve());
    agenda.define(name, async (job) => void (await handler(job)), { lockLifetime: 2000, ...options });
    await waybill.ingress({ operation: 'deploy', tenantId: 'acme' }, () => {
      bind({ deploy: 'D-1' });
      return agenda.every(1, name, { a: 1 });
    });
    await agenda.start();
    await done.promise;
    await new Promise(setImmediate); // a drain waits for ever for a job whose last event is just being emitted
    await agenda.drain({ closeConnection: false });
    await agenda.cancel({ name });
  }

  test('a thousand ticks are a thousand workflows of one schedule, each with its own due time', async () => {
    const ticks: (Context | undefined)[] = [];
    agenda = instrumentAgenda(await table.makeAgenda(), waybill);
    agenda.define(name, async () => void ticks.push(current()));
    await waybill.ingress({ operation: 'deploy', tenantId: 'acme' }, () => agenda.every(1, name, { a: 1 }));
    const never = new Date(0);
    while (ticks.length < 1000) {
      // What the library's own loop does with a row that is due, without its waiting in between.
      const row = await agenda.db.getNextJobToRun(name, new Date(Date.now() + 1000), never, undefined, undefined);
      if (row === undefined) assert.fail(`none is due: ${JSON.stringify(await agenda.queryJobs({ name }))}`);
      await new Job(agenda, row as JobParameters<void>, true).run();
      // The next tick is due a millisecond after the clock's: two runs within one would make two of one due time.
      for (const at = Date.now(); Date.now() === at; );
    }
    assert.equal(new Set(ticks.map((tick) => tick?.correlationId)).size, 1000);
    for (const tick of ticks) {
      assert.deepEqual([tick?.messageId, tick?.causationId, tick?.tenantId], [tick?.correlationId, null, 'acme']);
    }
    assert.deepEqual([...new Set(started().map(({ schedule_id }) => schedule_id))], [name]);
    assert.equal(new Set(started().map(({ due_at }) => due_at)).size, 1000);
    assert.equal(settled().length, 1000);
    assert.equal(of('sent').length, 0);
  });

  test('a tick is due when its row said so, and its data is what every was given', async () => {
    let data: unknown;
    let next: Date | null | undefined;
    await fire(2, (job) => {
      data ??= job.attrs.data;
      next ??= job.attrs.nextRunAt; // that of the tick after this one
    });
    assert.deepEqual(data, { a: 1 });
    assert.equal(started()[1]?.due_at, next?.getTime());
  });

  test('a tick that is tried again is the same message, and the tick after a failed one is another', async () => {
    let runs = 0;
    const fail = () => {
      if (++runs <= 4) throw new Error('no paper');
    };
    await fire(5, fail, { backoff: constant({ delay: 1, maxRetries: 2 }) });
    const ids = started().map(({ message_id }) => message_id);
    assert.equal(new Set(ids.slice(0, 3)).size, 1);
    assert.equal(new Set(ids.slice(2)).size, ids.length - 2);
    assert.deepEqual(
      started()
        .slice(0, 3)
        .map(({ attempt, due_at }) => [attempt, due_at]),
      [1, 2, 3].map((attempt) => [attempt, started()[0]?.due_at]),
    );
    assert.deepEqual(
      settled()
        .slice(0, 5)
        .map(({ outcome }) => outcome),
      ['retry', 'retry', 'dead', 'dead', 'ok'],
    );
    // The library goes on counting, so whether the fourth run is a first attempt nobody can say.
    assert.equal(started()[3]?.attempt, null);
  });

  test('without a backoff a failed tick is dead, and the next one is a first attempt', async () => {
    let runs = 0;
    await fire(2, () => {
      if (++runs === 1) throw new Error('no paper');
    });
    assert.deepEqual(
      settled()
        .slice(0, 2)
        .map(({ outcome, attempt }) => [outcome, attempt]),
      [
        ['dead', 1],
        ['ok', 1],
      ],
    );
  });

  test('a tick that fires before the failed one is tried again is another, and its attempt is not known', async () => {
    let runs = 0;
    const failOnce = async () => {
      if (++runs > 1) return;
      agenda.once('complete', () => void agenda.every(500, name, {}, { skipImmediate: true }));
      throw new Error('no paper');
    };
    await fire(2, failOnce, { backoff: constant({ delay: 60_000 }) });
    const [first, second] = started();
    assert.equal(settled()[0]?.outcome, 'retry');
    assert.notEqual(second?.message_id, first?.message_id);
    assert.deepEqual([first?.attempt, second?.attempt], [1, null]);
  });

  test('a schedule that is set again has the newest template, and two rows of one name are two schedules', async () => {
    const repeat = (a: number) =>
      waybill.ingress({ operation: 'deploy', tenantId: `tenant-${a}` }, () =>
        agenda.create(name, { a }).repeatEvery(1).save(),
      );
    agenda = instrumentAgenda(await table.makeAgenda(), waybill);
    await repeat(1);
    await repeat(2);
    const tenants = new Set<unknown>();
    await fire(9, () => tenants.add(current()?.tenantId));
    assert.deepEqual([...tenants].sort(), ['acme', 'tenant-1', 'tenant-2']);
    assert.equal(new Set(started().map(({ schedule_id }) => schedule_id)).size, 3);
  });
});
