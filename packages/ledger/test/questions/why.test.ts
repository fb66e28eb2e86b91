import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageFact } from 'waybill';
import { ask, type WhyAnswer } from '../../src/questions/why/why.ts';
import type { DestinationValue } from '../../src/store/store.ts';
import { capturedAt, workflowFacts } from '../workflow.ts';
import { discarded, gap, handled, replayed, sent, settled, started, timeout } from './fact-makers.ts';
import { checkoutReader, firstNamed, readerOf, said } from './reader-of.ts';

async function why(facts: readonly MessageFact[], id: string, asOf = 100_000): Promise<WhyAnswer> {
  const reader = await readerOf(facts);
  return ask(reader, firstNamed(reader, id), asOf);
}
const chain = ({ causes }: WhyAnswer) => causes.map(({ message_id, evidence }) => `${message_id} ${evidence}`);
const kinds = ({ verdicts }: WhyAnswer) => verdicts.map(({ kind, evidence }) => `${kind} ${evidence}`);
const questions = ({ unknowns }: WhyAnswer) =>
  unknowns.map(({ question, because }) => `${question} ${because ?? ''}`.trim());

test('a charge was caused by an order, and that by a request', async () => {
  const answer = await why(workflowFacts(), 'PWASC1', capturedAt);
  assert.deepEqual(
    answer.causes.map(({ kind, event_type, destination, at, evidence }) => [
      kind,
      event_type,
      destination,
      at,
      evidence,
    ]),
    [
      ['ingress', 'POST /checkout', 'checkout-api', '2026-03-17T14:02:11.204Z', 'observed'],
      ['message', 'order.created', 'orders.events', '2026-03-17T14:02:11.900Z', 'observed'],
      ['message', 'payment.charge', 'payments', '2026-03-17T14:02:12.640Z', 'observed'],
    ],
  );
  assert.equal(answer.elapsed_ms, 2_533_100);
  assert.deepEqual(answer.totals_ms, { queued: 5_300, run: 2_800, backoff: 5_000, lease_lost: 2_520_000 });
  assert.deepEqual(answer.verdicts, [
    {
      kind: 'lost',
      attempt: 2,
      instance: 'payments-7f9c-2',
      destination: 'payments',
      lasted_ms: 2_520_000,
      lease_known: true,
      run_p99_ms: null,
      evidence: 'inferred',
      because_facts: ['fct_01KKY1NKRWFAV9BKKAAK5F1QKG', 'fct_01KKY42KB8FGATY24YPF7KPR2Z'],
    },
  ]);
  assert.deepEqual(
    answer.unknowns.map(({ kind, attempt, ask_for }) => [kind, attempt, ask_for]),
    [['effect', 2, 'charge:ORD-48213']],
  );
});

test('an execution is answered as the attempt that it is', async () => {
  const { asked, message_id } = await why(workflowFacts(), 'VE95Y9', capturedAt);
  assert.deepEqual(asked, { kind: 'execution', id: 'exe_01KKY1NDDRERRR1B6EQRVE95Y9', attempt: 1 });
  assert.ok(message_id.endsWith('PWASC1'));
});

test('across a hop that lost the context, the cause is an inference with its reasons', async () => {
  const answer = await why(workflowFacts(), '21KYV7', capturedAt);
  const link = answer.causes.find(({ event_type }) => event_type === 'stock.reserved');
  assert.equal(link?.evidence, 'inferred');
  assert.deepEqual(link?.because_facts, ['fct_01KKY1NC2YEMSRVPM98PPH6MT2', 'fct_01KKY1ND3CEQGTKBCECP6Y380H']);
  assert.equal(link?.because[0], 'same business key order:ORD-48213');
  assert.equal(answer.causes[0]?.event_type, 'POST /checkout');
  assert.deepEqual(
    answer.gaps.map(({ reason, missing, to }) => [reason, missing, to]),
    [['no_context', ['waybill', 'traceparent'], 'shipping']],
  );
});

test('an edited replay was caused by the message that it replays', async () => {
  const { causes } = await why(workflowFacts(), 'E83TZ8', capturedAt);
  assert.deepEqual(
    causes.slice(-2).map(({ message_id, via }) => [message_id.slice(-6), via]),
    [
      ['21KYV7', 'replay'],
      ['E83TZ8', null],
    ],
  );
});

test('a message that had effects, and that nobody started, was taken by somebody who records no facts', async () => {
  const answer = await why(workflowFacts(), 'WSF21', capturedAt);
  assert.deepEqual([answer.state, answer.state_evidence, answer.elapsed_ms], ['unknown', 'inferred', null]);
  assert.deepEqual(
    answer.effects.map(({ event_type, evidence }) => [event_type, evidence]),
    [['shipment.requested', 'inferred']],
  );
  const before = await why(workflowFacts(), '8EMSF7', capturedAt);
  assert.deepEqual(
    before.effects.map(({ event_type, state }) => [event_type, state]),
    [['stock.reserved', 'unknown']],
  );
});

test('two messages that may have led to a gap are a guess, and no cause', async () => {
  const key = { business_key: 'order:1' };
  const facts = [
    sent('msg_one', 0, { ...key, destination: 'stock' }),
    sent('msg_two', 10, { ...key, destination: 'mail' }),
    gap('msg_lost', 100, { ...key, correlation_id: 'msg_lost' }),
    started('msg_lost', 1, 110, { ...key, correlation_id: 'msg_lost' }),
  ];
  const answer = await why(facts, 'msg_lost');
  assert.deepEqual(chain(answer), ['msg_lost observed']);
  assert.deepEqual(questions(answer), ['what caused msg_lost? no_context at orders; looked for waybill']);
});

test('the business key of another tenant joins nothing', async () => {
  const facts = [
    sent('msg_theirs', 0, { business_key: 'order:1', tenant_id: 'borealis', destination: 'stock' }),
    gap('msg_lost', 100, { business_key: 'order:1', correlation_id: 'msg_lost' }),
  ];
  assert.deepEqual(chain(await why(facts, 'msg_lost')), ['msg_lost observed']);
});

test('where the ledger has no facts of a cause, the chain ends in it, as unknown', async () => {
  const answer = await why(handled('msg_child', 0, { causation_id: 'msg_missing' }), 'msg_child');
  assert.deepEqual(chain(answer), ['msg_missing unknown', 'msg_child observed']);
  assert.deepEqual(questions(answer), ['what caused msg_missing? no facts of msg_missing']);
});

test('a loop of forged causes ends', async () => {
  const facts = [...handled('msg_a', 0, { causation_id: 'msg_b' }), ...handled('msg_b', 10, { causation_id: 'msg_a' })];
  const answer = await why(facts, 'msg_a');
  assert.deepEqual(chain(answer), ['msg_b observed', 'msg_a observed']);
  assert.deepEqual(questions(answer), ['what caused msg_b? its recorded causes lead back to itself']);
});

test('a replay of itself ends', async () => {
  assert.deepEqual(chain(await why(handled('msg_a', 0, { replay_of: 'msg_a' }), 'msg_a')), ['msg_a observed']);
});

test('a chain of 1,500 causes is followed for 1,000', async () => {
  const facts = Array.from({ length: 1_500 }, (_, index) =>
    sent(`msg_${index}`, index, { causation_id: index === 0 ? null : `msg_${index - 1}` }),
  );
  const answer = await why(facts, 'msg_1499');
  assert.equal(answer.causes.length, 1_000);
  assert.deepEqual(questions(answer), ['what caused msg_500? only the nearest 1000 causes were followed']);
});

test('a dead message says with which error, and how often it failed so', async () => {
  const facts = [
    started('msg_a', 1, 0, { max_attempts: 2 }),
    settled('msg_a', 1, 100, 'retry', { error: timeout }),
    started('msg_a', 2, 200, { max_attempts: 2 }),
    settled('msg_a', 2, 300, 'dead', { error: timeout }),
  ];
  const answer = await why(facts, 'msg_a');
  assert.deepEqual([answer.state, answer.attempts, answer.max_attempts], ['dead', 2, 2]);
  const [verdict] = answer.verdicts;
  assert.ok(verdict?.kind === 'dead');
  assert.deepEqual([verdict.error, verdict.same_error, verdict.evidence], [timeout, 2, 'observed']);
});

test('each state has its verdict', async () => {
  const start = [sent('msg_a', 0), started('msg_a', 1, 100)];
  assert.deepEqual(kinds(await why([sent('msg_a', 0)], 'msg_a')), ['waiting inferred']);
  assert.deepEqual(kinds(await why([sent('msg_a', 0, { due_at: 50 })], 'msg_a')), ['overdue inferred']);
  assert.deepEqual(kinds(await why(start, 'msg_a')), ['running inferred']);
  assert.deepEqual(kinds(await why([...start, settled('msg_a', 1, 200, 'ok')], 'msg_a')), []);
  assert.deepEqual(kinds(await why([...start, settled('msg_a', 1, 200, 'released')], 'msg_a')), ['waiting inferred']);
  assert.deepEqual(kinds(await why([...start, settled('msg_a', 1, 200, 'failed', { error: timeout })], 'msg_a')), [
    'failed observed',
  ]);
  assert.deepEqual(kinds(await why([sent('msg_a', 0), discarded('msg_a', 50)], 'msg_a')), ['discarded observed']);
  const dead = [...start, settled('msg_a', 1, 200, 'dead', { error: timeout })];
  assert.deepEqual(kinds(await why([...dead, replayed('msg_a', 300)], 'msg_a')), [
    'waiting inferred',
    'replayed observed',
  ]);
});

test('a negative wait is flagged as two clocks that disagree', async () => {
  const facts = [sent('msg_a', 1_050), started('msg_a', 1, 1_000), settled('msg_a', 1, 1_500, 'ok')];
  const [verdict] = (await why(facts, 'msg_a')).verdicts;
  assert.ok(verdict?.kind === 'clocks');
  assert.deepEqual([verdict.part, verdict.attempt, verdict.ms, verdict.evidence], ['queued', 1, -50, 'inferred']);
});

test('an execution that outlived the next is an overlap, and no quarrel of clocks', async () => {
  const facts = [
    started('msg_a', 1, 0),
    started('msg_a', 2, 500, { redelivered: true }),
    settled('msg_a', 2, 600, 'ok'),
    settled('msg_a', 1, 900, 'ok'),
  ];
  assert.deepEqual(kinds(await why(facts, 'msg_a')), ['overlap observed']);
});

test('whether an execution still runs is unknown once its lease has run out', async () => {
  const facts = [started('msg_a', 1, 0, { lease_until: 5_000 })];
  const ofExecutions = (answer: WhyAnswer) => questions(answer).filter((question) => question.startsWith('is '));
  assert.deepEqual(ofExecutions(await why(facts, 'msg_a', 4_000)), []);
  const late = await why(facts, 'msg_a', 6_000);
  assert.deepEqual(ofExecutions(late), ['is attempt 1 still running? its lease ran out']);
  assert.deepEqual([late.state, late.state_evidence], ['overdue', 'inferred']);
});

test('what a message led to is overdue by what is declared, and a probe says why', async () => {
  const reader = await checkoutReader();
  const { effects, verdicts } = ask(reader, firstNamed(reader, 'PWASC1'), capturedAt);
  assert.deepEqual(
    effects.map(({ state, overdue_ms, no_consumers }) => [state, overdue_ms, no_consumers]),
    [['overdue', 244_360, { since: '2026-03-17T14:40:52.000Z' }]],
  );
  assert.deepEqual(
    verdicts.map((verdict) => verdict.kind === 'lost' && verdict.run_p99_ms),
    [3_000],
  );
  const own = ask(reader, firstNamed(reader, '7X9C3M'), capturedAt);
  assert.deepEqual(
    own.verdicts.map((verdict) => verdict.kind === 'overdue' && verdict.no_consumers),
    [{ since: '2026-03-17T14:40:52.000Z' }],
  );
});

test('a lease that is declared for a queue shows an execution as lost that does not tell of its own', async () => {
  const facts = [
    started('msg_a', 1, 1_000, { delivery_count: 1 }),
    started('msg_a', 2, 40_000, { delivery_count: 2, redelivered: true }),
  ];
  const lasted = async (leases: readonly DestinationValue[]) => {
    const reader = await readerOf(facts, leases);
    const { verdicts } = ask(reader, firstNamed(reader, 'msg_a'), 50_000);
    return verdicts.flatMap((verdict) => (verdict.kind === 'lost' ? [[verdict.lasted_ms, verdict.lease_known]] : []));
  };
  assert.deepEqual(await lasted([]), []);
  assert.deepEqual(await lasted(said('orders', 'declared', 0, { lease_ms: 30_000 })), [[30_000, true]]);
  const topic = said('orders', 'declared', 0, { lease_ms: 30_000, kind: 'topic' });
  assert.deepEqual(await lasted(topic), []);
});

test('bindings that are no JSON object name no key to ask for', async () => {
  const lost = (bindings: string) => [
    started('msg_a', 1, 0, { bindings }),
    started('msg_a', 2, 500, { redelivered: true }),
    settled('msg_a', 2, 600, 'ok'),
  ];
  for (const bindings of ['{"idempotency_key"', 'null', '"idempotency_key"', '{"idempotency_key":{}}'])
    assert.equal((await why(lost(bindings), 'msg_a')).unknowns[0]?.ask_for, null);
  assert.equal((await why(lost('{"idempotency_key":7}'), 'msg_a')).unknowns[0]?.ask_for, '7');
});

test('more effects than an answer lists are said to be more', async () => {
  const facts = [
    ...handled('msg_a', 0),
    ...Array.from({ length: 17 }, (_, index) => sent(`msg_e${index}`, 2_000 + index, { causation_id: 'msg_a' })),
  ];
  const answer = await why(facts, 'msg_a');
  assert.deepEqual([answer.effects.length, answer.has_more_effects], [16, true]);
});

test('before its first fact a message is unknown', async () => {
  await assert.rejects(why(handled('msg_a', 5_000), 'msg_a', 4_000), { code: 'ID_UNKNOWN' });
});
