import { describe, test } from 'node:test';
import { CASES, runCase, skipReason } from '../../src/testing/testing.ts';
import { missingBroker } from '../brokers/available.ts';
import { asynqBeforeHeadersSubject, asynqSubject } from './asynq-subject.ts';

const missing = await missingBroker('Redis', 6379);

for (const subject of [asynqSubject, asynqBeforeHeadersSubject]) {
  describe(subject.name, { skip: missing ?? false }, () => {
    for (const each of CASES)
      test(each.outcome, { skip: skipReason(each, subject) ?? false }, () => runCase(subject, each));
  });
}
