import { describe, test } from 'node:test';
import { CASES, runCase, skipReason } from '../../src/testing/testing.ts';
import { missingBroker } from '../brokers/available.ts';
import { FEATURES } from './pg-boss/features.ts';
import { stageAt } from './pg-boss/stage.ts';
import { pgBossSubject } from './pg-boss-subject.ts';

const POSTGRES = 'postgres://postgres@127.0.0.1:5432/postgres';
const skip = (await missingBroker('PostgreSQL', 5432)) ?? false;
const subject = pgBossSubject('pg-boss on PostgreSQL', POSTGRES);

describe(subject.name, { skip }, () => {
  for (const each of CASES)
    test(each.outcome, { skip: skipReason(each, subject) ?? false }, () => runCase(subject, each));
});

describe('what is special to pg-boss, on PostgreSQL', { skip }, () => {
  const stage = stageAt(POSTGRES);
  for (const [title, define] of Object.entries(FEATURES)) describe(title, () => define(stage));
});
