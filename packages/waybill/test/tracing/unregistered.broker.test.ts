import { describe, test } from 'node:test';
import * as bullmq from 'bullmq';
import { CASES, skipReason } from '../../src/testing/testing.ts';
import { missingBroker } from '../brokers/available.ts';
import { bullmqSubject, REDIS } from '../queues/bullmq-subject.ts';
import { runUnregistered } from './unregistered.ts';

const missing = await missingBroker('Redis', 6379);
const subject = bullmqSubject('bullmq 6 on Redis', { bullmq, connection: REDIS });

describe(`${subject.name}, with the API and no SDK`, { skip: missing ?? false }, () => {
  for (const each of CASES)
    test(each.outcome, { skip: skipReason(each, subject) ?? false }, () => runUnregistered(subject, each));
});
