import assert from 'node:assert/strict';
import { test } from 'node:test';
import { terminalOf } from '../../../src/cli/terminal.ts';
import { tailText } from '../../../src/cli/text/tail.ts';
import type { TailData, TailFact } from '../../../src/questions/tail/answer.ts';
import { asOf, tailData } from '../../checkout-answers.ts';

const from = '2026-03-17T14:50:00.000Z';
const text = (changes: Partial<TailData>, columns = 80) =>
  tailText({ ...tailData(from), ...changes }, asOf, terminalOf({}, { COLUMNS: String(columns) }, {}));

test('where no fact came, the page says since when', () => {
  assert.equal(text({ facts: [] }), 'No facts since 14:50.\n');
});

test('older facts of the same window are counted before those that are shown', () => {
  assert.match(text({ not_shown: 25 }), /^… and 25 more\n14:51:10\.580 /);
});

test('each kind of fact says what its reader wants to know', () => {
  const [first] = tailData(from).facts;
  assert.ok(first && first.kind === 'replayed');
  const { kind: _, actor: __, new_message_id: ___, ...common } = first;
  const error = { type: 'ProviderTimeout', message: 'answered 504', fingerprint: 'f' };
  const settled = { ...common, kind: 'settled', ran_ms: 1_100, error } as const;
  const { fact_id, at, service, instance, evidence } = common;
  const cases: readonly (readonly [TailFact, words: string])[] = [
    [{ ...common, kind: 'created' }, 'for shipping'],
    [{ ...common, kind: 'sent', status: 'taken', replay_of: null }, 'to shipping'],
    [{ ...common, kind: 'sent', status: 'refused', replay_of: null }, 'to shipping, refused'],
    [{ ...common, kind: 'started', attempt: 2, redelivered: true }, 'attempt 2, redelivered'],
    [{ ...common, kind: 'started', attempt: null, redelivered: false }, 'by shipping'],
    [{ ...settled, outcome: 'retry' }, 'retry in 1.1s: ProviderTimeout'],
    [{ ...settled, outcome: 'ok', ran_ms: null, error: null }, 'ok'],
    [{ ...common, kind: 'gap', reason: 'no_context', missing: ['waybill'] }, 'no_context at shipping'],
    [{ ...common, kind: 'discarded', how: 'rolled_back', actor: null }, 'rolled back'],
    [{ ...common, kind: 'discarded', how: 'cancelled', actor: 'mira' }, 'cancelled by mira'],
    [{ ...common, kind: 'replayed', actor: 'mira', new_message_id: null }, 'by mira'],
    [{ ...common, evidence: 'inferred', kind: 'created' }, 'for shipping [inferred]'],
    [{ kind: 'dropped', count: 3, why: 'full', fact_id, at, service, instance, evidence }, '3 facts: full'],
  ];
  for (const [fact, words] of cases) {
    const line = text({ facts: [fact] });
    assert.equal(line.split(/21KYV7 {2}|waybill {3}/)[1], `${words}\n`, line);
  }
});

test('pages that follow each other stay aligned, whatever kinds are on them', () => {
  const [replayed, sent] = tailData(from).facts;
  assert.ok(replayed && sent);
  const [alone, among] = [text({ facts: [sent] }), text({ facts: [replayed, sent] })];
  assert.equal(alone, `${among.split('\n')[1]}\n`);
});

test('from 120 columns a fact names its instance and trace on one line below it, however long', () => {
  const [first] = tailData(from).facts;
  assert.ok(first && first.kind !== 'dropped');
  const lines = text({ facts: [{ ...first, instance: 'i'.repeat(200) }] }, 120).split('\n');
  assert.match(lines[1] ?? '', new RegExp(`^ +i+…i+  trace ${first.trace_id}$`));
});

test('a fact of another day says of which', () => {
  const [first] = tailData(from).facts;
  assert.ok(first);
  assert.match(
    text({ facts: [{ ...first, at: '2026-03-16T23:59:59.999Z' }] }),
    /^2026-03-16 23:59:59\.999 {2}replayed/,
  );
});
