import { describe, test } from 'node:test';
import { CASES, runCase, skipReason } from '../../src/testing/testing.ts';
import { missingBroker } from '../brokers/available.ts';
import { pgBossSubject } from './pg-boss-subject.ts';

const missing = await missingBroker('PostgreSQL', 5432);
const subject = pgBossSubject('pg-boss on PostgreSQL', 'postgres://postgres@127.0.0.1:5432/postgres');

describe(subject.name, { skip: missing ?? false }, () => {
  for (const each of CASES)
    test(each.outcome, { skip: skipReason(each, subject) ?? false }, () => runCase(subject, each));
});
