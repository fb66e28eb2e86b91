import assert from 'node:assert/strict';
import { test } from 'node:test';
import { damage } from './damage.ts';
import type { Finding } from './finding.ts';
import { kills } from './kills.ts';

/** Those that were not met, without what depends on how busy this machine is. */
function missed(findings: readonly Finding[]): readonly Finding[] {
  assert.ok(findings.length > 5);
  return findings.filter(({ name, met }) => met === false && !name.endsWith(' ms'));
}

test('a ledger that is killed again and again while it takes facts loses and doubles none, and has none that nobody sent', async () => {
  assert.deepEqual(missed(await kills({ kills: 2, facts: 2_000, sendsMin: 4 })), []);
});

test('a file that is cut, and a log that is cut or spoilt, give no fact that nobody recorded', async () => {
  const told = (await damage({ trials: 10 })).filter(({ name }) => !name.startsWith('file flipped'));
  assert.deepEqual(missed(told), []);
});
