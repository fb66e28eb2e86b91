import { randomBytes } from 'node:crypto';
import { PostgresBackend } from '@agendajs/postgres-backend';
import { Agenda, type AgendaOptions, constant } from 'agenda';
import { Pool } from 'pg';
import type { Waybill } from '../../src/core/waybill.ts';
import { PAYLOAD_FIELD } from '../../src/layouts/payload-field.ts';
import { instrumentAgenda } from '../../src/queues/agenda.ts';
import type { Harness, Subject } from '../../src/testing/case.ts';

const POLL_MS = 20;
/** Two attempts without a wait. */
const TWICE = constant({ delay: 0, maxRetries: 1 });

/** A table of its own on a server. */
export interface AgendaTable {
  readonly name: string;
  readonly pool: Pool;
  /** Each has a backend of its own, on one pool. */
  makeAgenda(options?: Partial<AgendaOptions>): Promise<Agenda>;
  drop(): Promise<void>;
}

export async function makeTable(connectionString: string): Promise<AgendaTable> {
  const name = `waybill_${randomBytes(4).toString('hex')}`;
  const pool = new Pool({ connectionString, max: 8, options: '-c synchronous_commit=off' });
  const makeAgenda = async (options: Partial<AgendaOptions> = {}, ensureSchema = false) => {
    const backend = new PostgresBackend({ pool, tableName: name, ensureSchema, disableNotifications: true });
    const agenda = new Agenda({ backend, processEvery: POLL_MS, ...options });
    await agenda.ready;
    return agenda;
  };
  await makeAgenda({}, true);
  return {
    name,
    pool,
    makeAgenda,
    async drop() {
      await pool.query(`DROP TABLE IF EXISTS "${name}"`);
      await pool.end();
    },
  };
}

/** Agenda in a table; it has no bulk, no dead-letter queue and no flows. */
export function agendaSubject(name: string, tableOf: () => AgendaTable): Subject {
  return {
    name,
    claims: ['concurrency', 'deduplication', 'delay', 'no payload', 'retry', 'schedule', 'stall'],
    async start(waybill) {
      const table = tableOf();
      return harnessAround(table, instrumentAgenda(await table.makeAgenda(), waybill), waybill);
    },
  };
}

function harnessAround(table: AgendaTable, sender: Agenda, waybill: Waybill): Harness {
  const workers: Agenda[] = [];
  const failures = new Map<string, string>();
  const lockLifetimes = new Map<string, number>();
  /** Queues are defined before the start: one worker for each. */
  const work = async (destination: string, handler: (payload: unknown) => unknown, concurrency: number) => {
    const worker = instrumentAgenda(await table.makeAgenda(), waybill);
    const lockLifetime = lockLifetimes.get(destination) ?? 5000;
    const options = { backoff: TWICE, concurrency, lockLifetime };
    worker.define(destination, async (job) => void (await handler(job.attrs.data)), options);
    worker.on(`fail:${destination}`, ({ name, message }: Error) => failures.set(destination, `${name}: ${message}`));
    await worker.start();
    workers.push(worker);
    return worker;
  };
  return {
    send(destination, [payload], { delayMs, key }) {
      const job = sender.create(destination, payload);
      if (delayMs !== undefined) job.schedule(new Date(Date.now() + delayMs));
      // Its keys are conditions on the data, and the case sends two of one.
      if (key !== undefined) job.unique({ 'data.id': (payload as { id: number }).id }, { insertOnly: true });
      return job.save();
    },
    async sendForeign(destination, payload, carrier) {
      const data = carrier === null ? payload : { ...(payload as object), [PAYLOAD_FIELD]: carrier };
      const stranger = await table.makeAgenda();
      return stranger.now(destination, data);
    },
    consume: (destination, handler, concurrency) => work(destination, handler, concurrency),
    async failureOf(destination) {
      for (;;) {
        const failure = failures.get(destination);
        if (failure !== undefined) return failure;
        await new Promise(setImmediate);
      }
    },
    schedule: (destination, _scheduleId, payload) => sender.every(100, destination, payload),
    async consumeAndDie(destination, handler) {
      lockLifetimes.set(destination, 300);
      const taken = Promise.withResolvers<void>();
      const handleAndHang = async (payload: unknown) => {
        await handler(payload);
        taken.resolve();
        await new Promise(() => {});
      };
      const worker = await work(destination, handleAndHang, 1);
      await taken.promise;
      await worker.stop(false);
    },
    close: () => Promise.all(workers.map((worker) => worker.stop(false))),
  };
}
