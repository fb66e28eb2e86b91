import { after, before, describe, test } from 'node:test';
import { CASES, runCase, skipReason } from '../../src/testing/testing.ts';
import { missingBroker } from '../brokers/available.ts';
import { type AgendaTable, agendaSubject, makeTable } from './agenda-subject.ts';

const missing = await missingBroker('PostgreSQL', 5432);
let table: AgendaTable;
const subject = agendaSubject('Agenda on PostgreSQL', () => table);

describe(subject.name, { skip: missing ?? false }, () => {
  before(async () => {
    table = await makeTable('postgres://postgres@127.0.0.1:5432/postgres');
  });
  after(() => table.drop());
  for (const each of CASES)
    test(each.outcome, { skip: skipReason(each, subject) ?? false }, () => runCase(subject, each));
});
