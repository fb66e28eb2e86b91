// Why: `every` stores one row and runs it again and again. If the context of whoever set it up came along, all
// reports of a year would be one workflow of that deploy. Here each tick is its own, and what it sends is caused by it.

import { PostgresBackend } from '@agendajs/postgres-backend';
import { Agenda, constant } from 'agenda';
import pg from 'pg';
import { bind, createWaybill, current, logFields, memoryRecorder } from 'waybill';
import { instrumentAgenda } from 'waybill/agenda';

const waybill = createWaybill({ service: 'reports', recorder: memoryRecorder() });
const pool = new pg.Pool({ host: '127.0.0.1', user: 'postgres', database: 'postgres' });
const tableName = `example_${process.pid}`;
const backend = new PostgresBackend({ pool, tableName, disableNotifications: true });
const agenda = instrumentAgenda(new Agenda({ backend, processEvery: 50 }), waybill);

const names = new Map<string, string>();
/** `tick 1` for the first id that is asked for, and so on. */
const nameOf = (id = '') => {
  const kind = id.startsWith('tick_') ? 'tick' : 'message';
  const known = [...names.values()].filter((name) => name.startsWith(kind)).length;
  const name = names.get(id) ?? `${kind} ${known + 1}`;
  names.set(id, name);
  return name;
};

const lines: string[] = [];
const done = Promise.withResolvers<void>();
let ticks = 0;

agenda.define<{ kind: string }>('report', async ({ attrs }) => {
  if (++ticks > 2) return;
  const { messageId, correlationId, tenantId } = current() ?? {};
  lines.push(`${nameOf(messageId)}: workflow of ${nameOf(correlationId)} · tenant ${tenantId} · ${attrs.data.kind}`);
  bind({ report: `R-${ticks}` });
  if (ticks === 1) await agenda.now('mail', { to: 'jo@example.com' });
});

const mail = async () => {
  const { messageId, causationId, attempt } = current() ?? {};
  const place = `${nameOf(messageId)}: caused by ${nameOf(causationId ?? '')}`;
  lines.push(`${place} · report ${logFields()['report']} · attempt ${attempt}`);
  if (attempt === 1) throw new Error('the mail server is away');
  done.resolve();
};
agenda.define('mail', mail, { backoff: constant({ delay: 100, maxRetries: 3 }) });

// A deploy sets the schedule up. Its tenant is the schedule's; its workflow and its log fields are not.
await waybill.ingress({ operation: 'deploy', tenantId: 'acme' }, async () => {
  bind({ deploy: 'D-1' });
  await agenda.every(300, 'report', { kind: 'sales' });
});
await agenda.start();
await done.promise;
while (lines.length < 4) await new Promise((resolve) => agenda.once('complete', resolve));
await agenda.stop(false);
for (const line of lines.sort()) console.log(line);

await pool.query(`DROP TABLE "${tableName}"`);
await pool.end();
process.exit(); // the library's own timers would keep the process for minutes

// Output:
// message 1: caused by tick 1 · report R-1 · attempt 1
// message 1: caused by tick 1 · report R-1 · attempt 2
// tick 1: workflow of tick 1 · tenant acme · sales
// tick 2: workflow of tick 2 · tenant acme · sales
