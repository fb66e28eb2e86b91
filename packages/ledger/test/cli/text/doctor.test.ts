import assert from 'node:assert/strict';
import { test } from 'node:test';
import { terminalOf } from '../../../src/cli/terminal.ts';
import { doctorText } from '../../../src/cli/text/doctor.ts';
import type { Check } from '../../../src/questions/doctor/answer.ts';
import { asOf } from '../../checkout-answers.ts';

const text = (...checks: Check[]) => doctorText({ checks }, asOf, terminalOf({}, {}, {}));
const claim = { evidence: 'observed', because_facts: [] } as const;

test('where nothing is amiss, each check says what it looked at', () => {
  assert.equal(
    text(
      { check: 'ledger', status: 'ok', facts: 1_821, newest_at: '2026-03-16T23:00:00.000Z', ...claim },
      { check: 'lease', status: 'ok', looked_at: 7, ...claim },
      { check: 'context', status: 'ok', looked_at: 1, ...claim },
      { check: 'consumers', status: 'ok', looked_at: 12, ...claim },
    ),
    [
      'ok    ledger     1,821 facts, newest 2026-03-16 23:00:00',
      'ok    lease      7 queues, no lease above 20x the p99 run',
      'ok    context    1 message received, all with context',
      'ok    consumers  12 destinations, nothing waits without a consumer',
      '4 ok',
      '',
    ].join('\n'),
  );
});

test('an empty ledger is told how facts come into it', () => {
  assert.equal(
    text({ check: 'ledger', status: 'warn', facts: 0, newest_at: null, ...claim }),
    'warn  ledger     0 facts\n      fix: record facts with createWaybill({ recorder: otlpRecorder() })\n1 warning\n',
  );
});

test('a lease is compared with runs of less than a millisecond, too', () => {
  const lease = { check: 'lease', status: 'warn', destination: 'email', lease_ms: 61_000, run_p99_ms: 0 } as const;
  assert.match(text({ ...lease, ...claim }), / email: 1m01s is 61,000x its 0ms p99 run\n/);
});

test('what nobody knows is not named, and its fix says where to look', () => {
  const printed = text(
    {
      check: 'context',
      status: 'warn',
      lost_in: null,
      to: 'shipping',
      missing: ['waybill'],
      messages: 1,
      ...claim,
      evidence: 'unknown',
    },
    { check: 'consumers', status: 'fail', destination: 'email', subscription: null, since: null, waiting: 1, ...claim },
  );
  assert.match(printed, / who sends to shipping drops waybill \(1 message\) \[unknown\]\n {6}fix: waybill gaps\n/);
  assert.match(printed, / email: 0, 1 waiting\n {6}fix: start a consumer of email, then run doctor again\n/);
  assert.match(printed, /\n1 warning, 1 failure\n$/);
});
