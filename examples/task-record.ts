// Why: many teams keep tasks in a table of their own. One JSON column on the record carries who asked, and the log
// fields, from the request to whichever worker takes the task; Python's structlog reads and writes the same column.

import pg from 'pg';
import { bind, createWaybill, logFields, memoryRecorder } from 'waybill';
import { enqueueTask, runTask } from 'waybill/task-record';

const recorder = memoryRecorder();
const waybill = createWaybill({ service: 'checkout', recorder });
const pool = new pg.Pool({ host: '127.0.0.1', user: 'postgres', database: 'postgres' });
const schema = `example_${process.pid}`;
const place = { system: 'task_processor', destination: 'task_processor_task', eventType: 'emails.send_receipt' };

await pool.query(`CREATE SCHEMA ${schema}`);
await pool.query(`CREATE TABLE ${schema}.task (id bigserial PRIMARY KEY, serialized_args text NOT NULL,
  num_failures integer NOT NULL DEFAULT 0, completed boolean NOT NULL DEFAULT false, trace_context jsonb)`);

// A request binds what its log lines should say, and enqueues.
await waybill.ingress({ operation: 'POST /checkout', tenantId: 'acme' }, async () => {
  bind({ order_id: 'ORD-48213', card_number: '4111 1111 1111 1111' });
  await enqueueTask(place, waybill, (traceContext) =>
    pool.query(`INSERT INTO ${schema}.task (serialized_args, trace_context) VALUES ($1, $2)`, [
      JSON.stringify({ to: 'jo@example.com' }),
      traceContext,
    ]),
  );
});

const { rows: enqueued } = await pool.query(`SELECT trace_context FROM ${schema}.task`);
console.log('on the record:', JSON.stringify(enqueued[0].trace_context.structlog_context));

// The worker, which would be another process: the first attempt fails.
for (let attempt = 1; attempt <= 2; attempt++) {
  const { rows } = await pool.query(`SELECT * FROM ${schema}.task WHERE NOT completed`);
  const [task] = rows;
  const record = { ...place, column: task.trace_context, attempt: task.num_failures + 1, maxAttempts: 3 };
  try {
    await runTask(record, waybill, async () => {
      const { order_id, tenant_id, attempt: nth } = logFields();
      console.log(`attempt ${nth}: sending the receipt of ${order_id} for ${tenant_id}`);
      if (attempt === 1) throw new Error('the mail server is away');
    });
    await pool.query(`UPDATE ${schema}.task SET completed = true WHERE id = $1`, [task.id]);
  } catch {
    await pool.query(`UPDATE ${schema}.task SET num_failures = num_failures + 1 WHERE id = $1`, [task.id]);
  }
  console.log('after it:', JSON.stringify(logFields()));
}

const task = recorder.facts.filter((fact) => fact.kind !== 'dropped' && fact.destination === place.destination);
console.log(task.map((fact) => (fact.kind === 'settled' ? `settled ${fact.outcome}` : fact.kind)).join(', '));
console.log('one message:', new Set(task.map((fact) => fact.kind !== 'dropped' && fact.message_id)).size === 1);

await pool.query(`DROP SCHEMA ${schema} CASCADE`);
await pool.end();

// Output:
// on the record: {"order_id":"ORD-48213","card_number":"[redacted]"}
// attempt 1: sending the receipt of ORD-48213 for acme
// after it: {}
// attempt 2: sending the receipt of ORD-48213 for acme
// after it: {}
// sent, started, settled retry, started, settled ok
// one message: true
