import { after, before, describe, test } from 'node:test';
import { CASES, runCase, skipReason } from '../../src/testing/testing.ts';
import { missingBroker } from '../brokers/available.ts';
import { type GraphileSchema, graphileSubject, makeSchema } from './graphile-worker-subject.ts';

const missing = await missingBroker('PostgreSQL', 5432);
let schema: GraphileSchema;
const subject = graphileSubject('graphile-worker on PostgreSQL', () => schema);

describe(subject.name, { skip: missing ?? false }, () => {
  before(async () => {
    schema = await makeSchema('postgres://postgres@127.0.0.1:5432/postgres');
  });
  after(() => schema.drop());
  for (const each of CASES)
    test(each.outcome, { skip: skipReason(each, subject) ?? false }, () => runCase(subject, each));
});
