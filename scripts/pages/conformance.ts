import type { Subject } from '../../packages/waybill/src/testing/case.ts';
import { CASES, skipReason } from '../../packages/waybill/src/testing/testing.ts';
import { agendaSubject } from '../../packages/waybill/test/queues/agenda-subject.ts';
import { asynqBeforeHeadersSubject, asynqSubject } from '../../packages/waybill/test/queues/asynq-subject.ts';
import { bullmqSubject } from '../../packages/waybill/test/queues/bullmq-subject.ts';
import { graphileSubject } from '../../packages/waybill/test/queues/graphile-worker-subject.ts';
import { pgBossSubject } from '../../packages/waybill/test/queues/pg-boss-subject.ts';
import { taskRecordSubject } from '../../packages/waybill/test/queues/task-record-subject.ts';

function notStarted(): never {
  throw new Error('what a library claims is asked, and nothing of it is run');
}

/** The harnesses that the conformance tests run, in the order of the columns. */
const SUBJECTS: Readonly<Record<string, Subject>> = {
  // Sound: only its claims are read; a place to run is what the tests give it.
  BullMQ: bullmqSubject('bullmq', undefined as never),
  'pg-boss': pgBossSubject('pg-boss', ''),
  'graphile-worker': graphileSubject('graphile-worker', notStarted),
  Agenda: agendaSubject('agenda', notStarted),
  Asynq: asynqSubject,
  'Asynq before 0.26': asynqBeforeHeadersSubject,
  'task record': taskRecordSubject,
};

/** docs/conformance.md: every case for every library, as the tests run them. */
export function conformancePage(): string {
  const names = Object.keys(SUBJECTS);
  const limits: string[] = [];
  const rows = CASES.map((each) => {
    const cells = Object.entries(SUBJECTS).map(([name, subject]) => {
      const { needs } = each;
      if (needs !== undefined && !subject.claims.includes(needs)) return '–';
      const reason = skipReason(each, subject);
      if (reason === undefined) return '✓';
      limits.push(`- **${name}**, "${each.outcome}": ${reason}`);
      return `limit ${limits.length}`;
    });
    return `| ${each.outcome}${each.needs === undefined ? '' : ` *(${each.needs})*`} | ${cells.join(' | ')} |\n`;
  });
  return `# What does each adapter keep?

${CASES.length} cases, each run against the library on its real server (Redis or PostgreSQL) in every test run: a ✓ is a test that has to pass for this repository to be green. A – is a case that needs what the library does not have, named in brackets: its adapter does not claim it. This page is made from the cases and the adapters' claims by which the tests run: \`npm run generate\`.

| case | ${names.join(' | ')} |
|---|${names.map(() => '---').join('|')}|
${rows.join('')}
## Which cases are claimed and not met?

${limits.length === 0 ? 'None.' : limits.join('\n')}

## On what do they run?

BullMQ 6 and 5 on Redis, and 6 on PostgreSQL; pg-boss 12 on PostgreSQL and on embedded PGlite; graphile-worker 0.18 and Agenda 6 on PostgreSQL; Asynq on Redis, by its own Redis layout and with both of its carriers; the task record on a PostgreSQL table. What is special to one library has tests of its own beside these.

## Does a tracer change it?

No. A case gives the same facts without OpenTelemetry's API, with it and no SDK, and with an SDK registered: every column is run without and with one, and the API alone in memory and on BullMQ. What an SDK adds is that the facts name their spans. Where a library makes the span of a run itself, as pg-boss does unless it is told not to, the fact says whose child that span is.
`;
}
