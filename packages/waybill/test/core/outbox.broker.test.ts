import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { isEnvelope } from '../../src/core/envelope.ts';
import { bind, logFields } from '../../src/core/scope.ts';
import { readHeaders, writeHeaders } from '../../src/layouts/headers.ts';
import { readRecord, writeRecord } from '../../src/layouts/record.ts';
import { missingBroker } from '../brokers/available.ts';
import { type KnownWaybill, knownWaybill } from '../known-waybill.ts';

const skip = (await missingBroker('PostgreSQL', 5432)) ?? false;
const schema = `outbox_${randomBytes(4).toString('hex')}`;
const pool = new pg.Pool({ host: '127.0.0.1', user: 'postgres', database: 'postgres', max: 4 });

before(async () => {
  if (skip) return;
  await pool.query(`CREATE SCHEMA ${schema}`);
  await pool.query(`CREATE TABLE ${schema}.orders (id text PRIMARY KEY)`);
  await pool.query(`CREATE TABLE ${schema}.outbox (
    id bigserial PRIMARY KEY, topic text NOT NULL, payload jsonb NOT NULL, trace_context jsonb, sent boolean NOT NULL DEFAULT false)`);
});

after(async () => {
  if (!skip) await pool.query(`DROP SCHEMA ${schema} CASCADE`);
  await pool.end();
});

/** The app's own transaction: an order, and beside it the message that says so. */
async function placeOrder({ waybill }: KnownWaybill, order: string, end: 'COMMIT' | 'ROLLBACK') {
  const client = await pool.connect();
  try {
    return await waybill.ingress({ operation: 'checkout', tenantId: 'acme' }, async () => {
      bind({ order_id: order });
      await client.query('BEGIN');
      await client.query(`INSERT INTO ${schema}.orders VALUES ($1)`, [order]);
      const send = {
        system: 'kafka',
        destination: 'orders.events',
        eventType: 'order.created',
        edge: 'outbox',
      } as const;
      const sending = waybill.prepare(send);
      const column = writeRecord(sending.envelope, null);
      await client.query(`INSERT INTO ${schema}.outbox (topic, payload, trace_context) VALUES ($1, $2, $3)`, [
        'orders.events',
        { order },
        column,
      ]);
      sending.settle({ status: 'pending' });
      bind({ order_id: 'changed after the insert' });
      await client.query(end);
      return sending.envelope;
    });
  } finally {
    client.release();
  }
}

/** Another process: takes what is there, publishes it, and marks it; it may die between the two. */
async function relay({ waybill }: KnownWaybill, dies: boolean) {
  const published: Record<string, string>[] = [];
  await waybill.ingress({ operation: 'relay', system: 'cron', tenantId: 'platform' }, async () => {
    bind({ relay_round: 1 });
    const { rows } = await pool.query(`SELECT * FROM ${schema}.outbox WHERE NOT sent ORDER BY id`);
    for (const row of rows) {
      const { envelope } = readRecord(row.trace_context);
      assert.ok(isEnvelope(envelope));
      waybill.produce({ system: 'kafka', destination: row.topic, relay: envelope }, (made) =>
        published.push(writeHeaders(made, {})),
      );
      if (!dies) await pool.query(`UPDATE ${schema}.outbox SET sent = true WHERE id = $1`, [row.id]);
    }
  });
  return published;
}

test('an outbox row that commits is one message, though its relay publishes it twice', { skip }, async () => {
  const app = knownWaybill();
  const relayer = knownWaybill({ service: 'relay', instance: 'relay-1' });
  const envelope = await placeOrder(app, 'ORD-1', 'COMMIT');
  const [first] = await relay(relayer, true);
  const [second] = await relay(relayer, false);
  assert.deepEqual(await relay(relayer, false), []);
  assert.deepEqual(first, second);

  const created = app.of('created');
  assert.deepEqual(
    created.map((fact) => [fact.message_id, fact.causation_id, fact.correlation_id, fact.destination]),
    [[envelope.messageId, 'req_1', 'req_1', 'orders.events']],
  );
  assert.deepEqual(app.of('sent'), []);
  assert.deepEqual(
    relayer.of('sent').map((fact) => [fact.message_id, fact.causation_id, fact.tenant_id, fact.by_execution_id]),
    [0, 1].map(() => [envelope.messageId, 'req_1', 'acme', created[0]?.by_execution_id]),
  );

  const consumer = knownWaybill({ service: 'mailer', instance: 'mailer-1' });
  const delivery = { system: 'kafka', destination: 'orders.events', envelope: readHeaders(first) };
  consumer.waybill.consume(delivery, ({ context }) => {
    assert.deepEqual([context.messageId, context.causationId, context.tenantId], [envelope.messageId, 'req_1', 'acme']);
    const { order_id, relay_round } = logFields();
    assert.deepEqual([order_id, relay_round], ['ORD-1', undefined], 'what was bound at the insert, by value');
  });
  assert.deepEqual(consumer.of('started')[0]?.trace_mode, { mode: 'L', reason: 'outbox' });
});

test('an outbox row that is rolled back was made, and nobody ever sent it', { skip }, async () => {
  const app = knownWaybill();
  const relayer = knownWaybill();
  const envelope = await placeOrder(app, 'ORD-2', 'ROLLBACK');
  assert.deepEqual(await relay(relayer, false), []);
  assert.deepEqual(
    [app.of('created')[0]?.message_id, app.of('sent'), relayer.of('sent')],
    [envelope.messageId, [], []],
  );
  const { rows } = await pool.query(`SELECT id FROM ${schema}.orders WHERE id = 'ORD-2'`);
  assert.deepEqual(rows, []);
});
