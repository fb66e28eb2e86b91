import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as bullmq from 'bullmq';
import type { Delivery } from '../../src/core/delivery.ts';
import type { Tracing } from '../../src/core/tracing.ts';
import { createWaybill } from '../../src/core/waybill.ts';
import type { Subject } from '../../src/testing/case.ts';
import { missingBroker } from '../brokers/available.ts';
import { type AgendaTable, agendaSubject, makeTable } from '../queues/agenda-subject.ts';
import { asynqSubject } from '../queues/asynq-subject.ts';
import { bullmqSubject, REDIS } from '../queues/bullmq-subject.ts';
import { type GraphileSchema, graphileSubject, makeSchema } from '../queues/graphile-worker-subject.ts';
import { pgBossSubject } from '../queues/pg-boss-subject.ts';

const POSTGRES = 'postgres://postgres@127.0.0.1:5432/postgres';
const noRedis = await missingBroker('Redis', 6379);
const noPostgres = await missingBroker('PostgreSQL', 5432);
/** Longer than a library takes to look for what is due. */
const delayMs = 2_000;

/** A meter that only looks at what comes; and no tracer. */
function watching(came: (place: Omit<Delivery, 'envelope'>) => void): Tracing {
  const started = (place: Omit<Delivery, 'envelope'>) => void came(place);
  return {
    startSend: () => undefined,
    startExecution: () => undefined,
    activeIds: () => undefined,
    keep: () => (work) => work(),
    untraced: (work) => work(),
    metering: { sent() {}, started, gap() {}, watch() {} },
  };
}

function describeReady(subject: () => Subject, name: string, missing: string | undefined) {
  test(`${name} says since when a delayed message could be taken`, { skip: missing ?? false }, async () => {
    const taken = Promise.withResolvers<number | undefined>();
    const tracing = watching(({ readyAt }) => taken.resolve(readyAt));
    const harness = await subject().start(createWaybill({ service: 'test', tracing }));
    try {
      const sentAt = Date.now();
      await harness.send('delayed', [{ n: 1 }], { delayMs });
      await harness.consume('delayed', () => {}, 1);
      const waitedMs = ((await taken.promise) ?? 0) - sentAt;
      assert.ok(waitedMs > delayMs - 1_100 && waitedMs < delayMs + 3_000, `${waitedMs}`);
    } finally {
      await harness.close();
    }
  });
}

describe('the wait of a message begins when it is ready', { concurrency: true }, () => {
  let schema: GraphileSchema;
  let table: AgendaTable;
  before(async () => {
    if (noPostgres === undefined) [schema, table] = await Promise.all([makeSchema(POSTGRES), makeTable(POSTGRES)]);
  });
  after(async () => {
    if (noPostgres === undefined) await Promise.all([schema.drop(), table.drop()]);
  });
  describeReady(() => bullmqSubject('BullMQ', { bullmq, connection: REDIS }), 'BullMQ', noRedis);
  describeReady(() => asynqSubject, 'Asynq', noRedis);
  describeReady(() => pgBossSubject('pg-boss', POSTGRES), 'pg-boss', noPostgres);
  describeReady(() => graphileSubject('graphile-worker', () => schema), 'graphile-worker', noPostgres);
  describeReady(() => agendaSubject('Agenda', () => table), 'Agenda', noPostgres);
});
