import { describe, test } from 'node:test';
import { CASES, runCase, skipReason } from '../../src/testing/testing.ts';
import { missingBroker } from '../brokers/available.ts';
import { taskRecordSubject as subject } from './task-record-subject.ts';

const missing = await missingBroker('PostgreSQL', 5432);

describe(subject.name, { skip: missing ?? false }, () => {
  for (const each of CASES)
    test(each.outcome, { skip: skipReason(each, subject) ?? false }, () => runCase(subject, each));
});
