import { after, describe, test } from 'node:test';
import { CASES, runCase, skipReason } from '../../src/testing/testing.ts';
import { startPglite } from '../brokers/pglite.ts';
import { pgBossSubject } from './pg-boss-subject.ts';

const postgres = await startPglite();
after(() => postgres.close());
const subject = pgBossSubject('pg-boss on embedded PGlite', postgres.connectionString);

describe(subject.name, () => {
  for (const each of CASES)
    test(each.outcome, { skip: skipReason(each, subject) ?? false }, () => runCase(subject, each));
});
