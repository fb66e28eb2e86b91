import { after, describe, test } from 'node:test';
import * as bullmq6 from 'bullmq';
import * as bullmq5 from 'bullmq-5';
import { Client } from 'pg';
import { CASES, runCase, skipReason } from '../../src/testing/testing.ts';
import { missingBroker } from '../brokers/available.ts';
import { type Bullmq, bullmqSubject, REDIS } from './bullmq-subject.ts';

const noRedis = await missingBroker('Redis', 6379);
const noPostgres = await missingBroker('PostgreSQL', 5432);

const connectionString = 'postgres://postgres@127.0.0.1:5432/postgres';
const schema = `waybill_bullmq_${process.pid}`;
after(async () => {
  if (noPostgres !== undefined) return;
  const client = new Client({ connectionString });
  await client.connect();
  await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await client.end();
});

// Sound: the harness makes only calls that both majors and all backends have, and its cases show it.
const older = bullmq5 as unknown as Bullmq;
const onPostgres = bullmq6.withBackend(bullmq6.createPostgresBackend) as unknown as Bullmq;

const subjects = [
  { missing: noRedis, subject: bullmqSubject('bullmq 6 on Redis', { bullmq: bullmq6, connection: REDIS }) },
  { missing: noRedis, subject: bullmqSubject('bullmq 5 on Redis', { bullmq: older, connection: REDIS }) },
  {
    missing: noPostgres,
    subject: bullmqSubject('bullmq 6 on PostgreSQL', {
      bullmq: onPostgres,
      connection: { connectionString, schema, migrate: true, max: 2 },
    }),
  },
];

for (const { missing, subject } of subjects) {
  describe(subject.name, { skip: missing ?? false }, () => {
    for (const each of CASES)
      test(each.outcome, { skip: skipReason(each, subject) ?? false }, () => runCase(subject, each));
  });
}
