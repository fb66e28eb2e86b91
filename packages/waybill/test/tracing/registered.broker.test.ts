import { after, before, describe, test } from 'node:test';
import * as bullmq from 'bullmq';
import type { Case, Subject } from '../../src/testing/case.ts';
import { CASES, skipReason } from '../../src/testing/testing.ts';
import { missingBroker } from '../brokers/available.ts';
import { type AgendaTable, agendaSubject, makeTable } from '../queues/agenda-subject.ts';
import { asynqBeforeHeadersSubject, asynqSubject } from '../queues/asynq-subject.ts';
import { bullmqSubject, REDIS } from '../queues/bullmq-subject.ts';
import { type GraphileSchema, graphileSubject, makeSchema } from '../queues/graphile-worker-subject.ts';
import { pgBossSubject } from '../queues/pg-boss-subject.ts';
import { taskRecordSubject } from '../queues/task-record-subject.ts';
import { runTraced } from './registered.ts';

const POSTGRES = 'postgres://postgres@127.0.0.1:5432/postgres';
const noRedis = await missingBroker('Redis', 6379);
const noPostgres = await missingBroker('PostgreSQL', 5432);
let schema: GraphileSchema;
let table: AgendaTable;

const describeTraced = (subject: Subject, missing: string | undefined, cases = CASES) =>
  describe(subject.name, { skip: missing ?? false, concurrency: 1 }, () => {
    for (const each of cases)
      test(each.outcome, { skip: skipReason(each, subject) ?? false }, () => runTraced(subject, each));
  });

/** A library that begins the span of a run begins a trace: no run is its sender's child, and a link says who sent it. */
const inTheirSpans = ({ facts, ...each }: Case): Case => ({
  ...each,
  facts: facts.map((line) =>
    line
      .replace(/^(?!request)(.* started .*) [PL] .*$/, '$1 L other instrumentation')
      .replace(/^(?!request)(.* started .*) root .*$/, '$1 root other instrumentation'),
  ),
});

// Beside each other: they wait most of the time, and a context that leaks has more to leak into.
describe('with an SDK registered', { concurrency: true }, () => {
  before(async () => {
    if (noPostgres === undefined) [schema, table] = await Promise.all([makeSchema(POSTGRES), makeTable(POSTGRES)]);
  });
  after(async () => {
    if (noPostgres === undefined) await Promise.all([schema.drop(), table.drop()]);
  });
  describeTraced(bullmqSubject('bullmq 6 on Redis', { bullmq, connection: REDIS }), noRedis);
  describeTraced(asynqSubject, noRedis);
  describeTraced(asynqBeforeHeadersSubject, noRedis);
  const untraced = { openTelemetry: { enabled: false } };
  describeTraced(pgBossSubject('pg-boss on PostgreSQL, its own spans off', POSTGRES, untraced), noPostgres);
  const traced = pgBossSubject('pg-boss on PostgreSQL, with its own spans', POSTGRES);
  describeTraced(traced, noPostgres, CASES.map(inTheirSpans));
  describeTraced(
    graphileSubject('graphile-worker on PostgreSQL', () => schema),
    noPostgres,
  );
  describeTraced(
    agendaSubject('Agenda on PostgreSQL', () => table),
    noPostgres,
  );
  describeTraced(taskRecordSubject, noPostgres);
});
