import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fact } from 'waybill';
import type { BlastData } from '../../../src/questions/blast/answer.ts';
import { ask } from '../../../src/questions/blast/ask.ts';
import { capturedAt, workflowFacts } from '../../workflow.ts';
import { messageEnding } from '../checkout.ts';
import { counted, handled, sent, settled, started, timeout } from '../fact-makers.ts';
import { firstNamed, readerOf, said } from '../reader-of.ts';

const asOf = 10_000_000;
const minute = 60_000;

async function blast(facts: readonly Fact[], id: string, at = asOf): Promise<BlastData> {
  const reader = await readerOf(facts);
  return ask(reader, firstNamed(reader, id), at);
}

/** It died of an error at this time. */
const failed = (id: string, at: number, more: object = {}) => [
  sent(id, at - 2_000, { correlation_id: id, ...more }),
  started(id, 1, at - 1_000, { ...counted(1), correlation_id: id, ...more }),
  settled(id, 1, at, 'dead', { error: timeout, correlation_id: id, ...more }),
];

/** Its worker went silent in the first attempt, and another finished it a minute later. */
const lost = (id: string, at: number, more: object = {}) => [
  sent(id, at - 1_000, { correlation_id: id, ...more }),
  started(id, 1, at, { ...counted(1), lease_until: at + minute, instance: 'worker-2', correlation_id: id, ...more }),
  started(id, 2, at + minute, { ...counted(2), correlation_id: id, ...more }),
  settled(id, 2, at + minute + 100, 'ok', { correlation_id: id, ...more }),
];

const troublesIn = ({ same_trouble }: BlastData) =>
  same_trouble?.map(({ kind, title, messages, is_at_least }) => [kind, title, messages, is_at_least]);

test('the charge led to one message that is pending, and shares its trouble with nobody', async () => {
  const answer = await blast(workflowFacts(), messageEnding('PWASC1'), capturedAt);
  const { asked, event_type, caused, caused_not_shown, pending, is_at_least, same_trouble } = answer;
  assert.deepEqual([asked.kind, event_type], ['message', 'payment.charge']);
  assert.deepEqual(
    caused.map((row) => [row.message_id.slice(-6), row.depth, row.state, row.is_pending, row.evidence, row.instance]),
    [['7X9C3M', 1, 'waiting', true, 'observed', 'payments-7f9c-4']],
  );
  assert.deepEqual([caused_not_shown, pending, is_at_least, same_trouble], [0, 1, false, []]);
});

test('an execution that was asked for is told by its attempt, and earlier on less was caused', async () => {
  const before = Date.parse('2026-03-17T14:30:00Z');
  const answer = await blast(workflowFacts(), 'exe_01KKY1NDDRERRR1B6EQRVE95Y9', before);
  assert.deepEqual([answer.asked.attempt, answer.caused], [1, []]);
  await assert.rejects(blast(workflowFacts(), messageEnding('PWASC1'), Date.parse('2026-03-17T14:00:00Z')), {
    code: 'ID_UNKNOWN',
    message: /as of 2026-03-17T14:00:00\.000Z: its first fact is of 2026-03-17T14:02/,
  });
});

test('what is caused comes nearest first, across a batch and a lost hop', async () => {
  const answer = await blast(workflowFacts(), messageEnding('8EMSF7'), capturedAt);
  assert.deepEqual(
    answer.caused.map(({ message_id, depth, evidence, parent }) => [
      ...[message_id.slice(-6), depth, evidence],
      parent.slice(-6),
    ]),
    [
      ['5WSF21', 1, 'observed', '8EMSF7'],
      ['21KYV7', 2, 'inferred', '5WSF21'],
      ['E83TZ8', 3, 'inferred', '21KYV7'],
    ],
  );
});

test('others that failed of the same error at the same place around it share its trouble, whosever they are', async () => {
  const other = { type: 'Refused', message: 'no', fingerprint: 'f_no' };
  const facts = [
    ...failed('msg_a', 40 * minute),
    ...failed('msg_b', 41 * minute, { tenant_id: 'borealis' }),
    ...failed('msg_c', 12 * minute, { tenant_id: 'borealis' }),
    ...failed('msg_elsewhere', 40 * minute, { subscription: 'other' }),
    ...failed('msg_otherwise', 40 * minute).map((fact) => (fact.kind === 'settled' ? { ...fact, error: other } : fact)),
    ...failed('msg_early', 9 * minute),
    ...failed('msg_late', 71 * minute),
    sent('msg_after', 42 * minute, { causation_id: 'msg_b', event_type: 'email.send' }),
  ];
  const answer = await blast(facts, 'msg_a');
  assert.deepEqual(troublesIn(answer), [['error', 'ProviderTimeout: answered 504', 2, false]]);
  const [trouble] = answer.same_trouble ?? [];
  assert.deepEqual(trouble?.states, { dead: 2 });
  assert.deepEqual(trouble.tenants, [{ tenant_id: 'borealis', messages: 2 }]);
  assert.deepEqual(trouble.first_at, '1970-01-01T00:12:00.000Z');
  assert.deepEqual(
    trouble.downstream.map((row) => [row.event_type, row.state, row.messages, row.evidence]),
    [['email.send', 'waiting', 1, 'inferred']],
  );
  const nobody = said('orders', 'probed', 75 * minute, { consumers: 0 });
  const reader = await readerOf(facts, nobody);
  const unmanned = ask(reader, firstNamed(reader, 'msg_a'), 75 * minute).same_trouble?.[0]?.downstream;
  assert.deepEqual([trouble.downstream[0]?.because, unmanned?.[0]?.because], [null, 'no_consumers']);
  assert.deepEqual(
    trouble.others.map(({ message_id, evidence, effects }) => [message_id, evidence, effects.length]),
    [
      ['msg_c', 'inferred', 0],
      ['msg_b', 'inferred', 1],
    ],
  );
  const { from, to } = answer.searched.window;
  assert.deepEqual([from, to], ['1970-01-01T00:10:00.000Z', '1970-01-01T01:10:00.001Z']);
});

test('others that the same worker lost at the same time share its trouble, also once they are done', async () => {
  const facts = [
    ...lost('msg_a', 41 * minute),
    ...lost('msg_b', 42 * minute),
    ...lost('msg_c', 42 * minute, { instance: 'worker-3' }),
    ...handled('msg_well', 41 * minute, { correlation_id: 'msg_well' }),
  ];
  const answer = await blast(facts, 'msg_a');
  assert.deepEqual(troublesIn(answer), [['lost', 'Lease lost: worker worker-2', 1, false]]);
  const [trouble] = answer.same_trouble ?? [];
  assert.deepEqual([trouble?.states, trouble?.first_at], [{ done: 1 }, '1970-01-01T00:41:00.000Z']);
  assert.deepEqual(
    trouble?.others.map(({ message_id, instance, started_at, lease_until }) => [
      ...[message_id, instance, started_at.slice(11, 19), lease_until?.slice(11, 19)],
    ]),
    [['msg_b', 'worker-2', '00:42:00', '00:43:00']],
  );
});

test('what failed later than as-of is not among them', async () => {
  const facts = [...failed('msg_a', 40 * minute), ...failed('msg_b', 41 * minute)];
  assert.deepEqual(troublesIn(await blast(facts, 'msg_a', 40.5 * minute)), []);
});

test('where more failed than is looked through, those closest to it are, and there are at least so many', async () => {
  const crowd = Array.from({ length: 300 }, (_, index) => failed(`msg_far_${index}`, 55 * minute + index)).flat();
  const near = [...failed('msg_a', 40 * minute), ...failed('msg_b', 41 * minute)];
  const answer = await blast([...near, ...crowd], 'msg_a');
  assert.deepEqual(
    troublesIn(answer)?.map(([, , messages, least]) => [messages, least]),
    [[1, true]],
  );
  assert.deepEqual(answer.searched.window.from, '1970-01-01T00:35:00.000Z');
  const packed = Array.from({ length: 300 }, (_, index) => failed(`msg_near_${index}`, 40 * minute + index)).flat();
  const full = await blast([...near, ...packed], 'msg_a');
  const [[, , messages, least] = []] = troublesIn(full) ?? [];
  assert.deepEqual([messages, least], [200, true]);
});

test('of a fan-out of more than is followed there is at least as much, and the nearest are shown', async () => {
  const facts = [
    ...handled('msg_root', 0),
    ...Array.from({ length: 1_001 }, (_, index) => sent(`msg_${index}`, 2_000 + index, { causation_id: 'msg_root' })),
  ];
  const answer = await blast(facts, 'msg_root');
  assert.deepEqual(
    [answer.caused.length, answer.caused_not_shown, answer.pending, answer.is_at_least],
    [200, 800, 1_000, true],
  );
  assert.equal(answer.caused[0]?.message_id, 'msg_0');
  assert.equal((await blast(facts.slice(0, -1), 'msg_root')).is_at_least, false);
});
