import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Evidence } from '../../src/questions/evidence.ts';
import { lossesOf } from '../../src/questions/graph/losses.ts';
import type { Message } from '../../src/questions/graph/message.ts';
import { reconstruct } from '../../src/questions/graph/reconstruct.ts';
import { type History, historyOf } from './histories.ts';

interface Checked {
  readonly claim: string;
  readonly evidence: Evidence;
  readonly isRight: boolean;
}

/** Every claim that is made of a history, held against how it was. */
function check(history: History): Checked[] {
  const { facts, asOf, destinations } = history;
  const graph = reconstruct(facts, { asOf, destinations, losses: lossesOf(facts) });
  return history.messages.flatMap((truth) => {
    const message = graph.message(truth.id);
    return message ? checkMessage(message, truth) : [];
  });
}

function checkMessage(message: Message, truth: History['messages'][number]): Checked[] {
  const { cause, subscriptions } = message;
  const [at, ...others] = subscriptions;
  const summed = at.segments.filter(({ kind }) => kind !== 'skipped');
  assert.deepEqual(others, [], `${truth.id} lies at one place`);
  assert.equal(
    summed.reduce((sum, { ms }) => sum + ms, 0),
    at.elapsedMs ?? 0,
    `the parts of ${truth.id} add up`,
  );
  const led = truth.causeId === null ? cause.via === 'root' : cause.messageIds.join() === truth.causeId;
  return [
    { claim: `cause of ${truth.id}`, evidence: cause.evidence, isRight: led },
    {
      claim: `${truth.id} is ${at.state}, in truth ${truth.state}`,
      evidence: at.evidence,
      isRight: at.state === truth.state,
    },
    ...summed.map(({ kind, from, to, evidence }) => ({
      claim: `${truth.id} ${kind} ${from} ${to} of ${truth.segments}`,
      evidence,
      isRight: truth.segments.includes(`${kind} ${from} ${to}`),
    })),
    ...at.executions.flatMap(({ executionId, is, arrival, outcome, evidence }) => {
      const own = truth.executions.get(executionId);
      return [
        { claim: `${executionId} is ${is}, in truth ${own?.is}`, evidence: arrival.evidence, isRight: is === own?.is },
        {
          claim: `${executionId} ended ${outcome}, in truth ${own?.outcome}`,
          evidence,
          isRight: outcome === own?.outcome,
        },
      ];
    }),
  ];
}

const checkedOf = (count: number, faults: Parameters<typeof historyOf>[1]) =>
  Array.from({ length: count }, (_, seed) => check(historyOf(seed + 1, faults))).flat();
const wrongOf = (checked: readonly Checked[], evidence: Evidence) =>
  checked.filter((each) => each.evidence === evidence && !each.isRight).map(({ claim }) => claim);

test('of histories of which nothing is lost, every claim is right, and nearly none is unknown', () => {
  const checked = checkedOf(200, { lost: 0, skewMs: 0 });
  assert.deepEqual(wrongOf(checked, 'observed'), []);
  assert.deepEqual(wrongOf(checked, 'inferred'), []);
  assert.equal(checked.filter(({ evidence }) => evidence === 'unknown').length, 0);
});

test('clocks that are five seconds apart make no observed claim wrong', () => {
  assert.deepEqual(wrongOf(checkedOf(300, { lost: 0, skewMs: 5_000 }), 'observed'), []);
});

test('whatever facts are lost, nothing that is called observed is wrong', () => {
  for (const lost of [0.05, 0.3])
    assert.deepEqual(wrongOf(checkedOf(400, { lost, skewMs: 5_000 }), 'observed'), [], `${lost} of all facts lost`);
});

test('with one fact in twenty lost, nineteen of twenty inferences are right, and one claim in ten is unknown at most', () => {
  const checked = checkedOf(400, { lost: 0.05, skewMs: 5_000 });
  const inferences = checked.filter(({ evidence }) => evidence === 'inferred');
  const unknowns = checked.filter(({ evidence }) => evidence === 'unknown');
  const right = inferences.filter(({ isRight }) => isRight).length / inferences.length;
  assert.ok(right >= 0.95, `${right} of the inferences are right`);
  assert.ok(unknowns.length <= 0.1 * checked.length, `${unknowns.length} of ${checked.length} are unknown`);
});

test('facts that come twice, and in any order, change no answer', () => {
  const history = historyOf(7, { lost: 0.05, skewMs: 5_000 });
  const shuffled = { ...history, facts: [...history.facts, ...history.facts].reverse() };
  assert.deepEqual(check(shuffled), check(history));
});
