import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageFact, SentFact } from '../../../src/core/facts.ts';
import { messageFacts, type Placed, places } from './corpus.ts';

const COUNT = 300;

/** What was recorded of a message at one of its destinations. */
function factsAt({ workflow, message, place }: Placed): MessageFact[] {
  return messageFacts(workflow.facts).filter(
    (fact) => fact.message_id === message.messageId && fact.destination === place.destination,
  );
}

/** Once each: facts may come twice. */
function sendsAt(placed: Placed): SentFact[] {
  const sends = factsAt(placed).filter((fact) => fact.kind === 'sent');
  return [...new Map(sends.map((fact) => [fact.fact_id, fact])).values()];
}

test('what was taken twice, and not for an operator, was recognised as a duplicate', () => {
  let seen = 0;
  for (const placed of places(COUNT)) {
    const taken = sendsAt(placed).filter(({ status, plan_id }) => status !== 'refused' && plan_id === undefined);
    const isTwice = taken.length > 1 && taken.every(({ status }) => status !== 'duplicate');
    if (!isTwice) continue;
    seen++;
    assert.ok(
      placed.place.executions.some(({ is }) => is === 'duplicate'),
      placed.where,
    );
  }
  assert.ok(seen > 0);
});

test('what somebody discarded is discarded, and what nobody did is not, unless it was never let in or given up', () => {
  for (const placed of places(COUNT)) {
    const isDiscarded = factsAt(placed).some(
      (fact) =>
        fact.kind === 'discarded' && (fact.subscription ?? placed.place.subscription) === placed.place.subscription,
    );
    const sends = sendsAt(placed);
    const isTurnedAway =
      sends.length > 0 && sends.every(({ status }) => status === 'refused' || status === 'duplicate');
    const isGivenUp = placed.place.executions.at(-1)?.outcome === 'released' && sends.length === 0;
    const isSo = isDiscarded || isTurnedAway || isGivenUp;
    assert.equal(placed.place.state === 'discarded', isSo, `${placed.where}: ${placed.place.state}`);
  }
});

test('what its consumer put into a dead-letter queue is dead there until somebody reads it', () => {
  let seen = 0;
  for (const placed of places(COUNT)) {
    const isAside = sendsAt(placed).some(({ dead_lettered }) => dead_lettered);
    if (!isAside) continue;
    seen++;
    assert.equal(placed.place.state, placed.place.executions.length === 0 ? 'dead' : 'done', placed.where);
  }
  assert.ok(seen > 0);
});

test('nobody can tell the state of a message that was taken only where another one stands for it', () => {
  let seen = 0;
  for (const placed of places(COUNT, { lostContext: 0.1 })) {
    const isTaken = sendsAt(placed).some(({ status }) => status === 'taken');
    if (placed.place.state !== 'unknown' || !isTaken) continue;
    seen++;
    const { messageId } = placed.message;
    const stands = placed.workflow.truth.messages.some(
      ({ causeIds, lost }) => lost !== null && causeIds.includes(messageId),
    );
    assert.ok(stands, placed.where);
  }
  assert.ok(seen > 0);
});

test('as-of is at no instant on which it depends what is overdue, however far the clocks are off', () => {
  const skewMs = 60_000;
  for (const placed of places(COUNT, { skewMs })) {
    const { workflow, place } = placed;
    if (place.state !== 'waiting' && place.state !== 'overdue') continue;
    const instants = factsAt(placed).flatMap((fact) => {
      if (fact.kind === 'sent') return [fact.due_at, fact.not_before];
      return fact.kind === 'settled' ? [fact.retry_at] : [];
    });
    for (const at of [...instants, place.overdue?.dueAt]) {
      if (at !== undefined) assert.ok(Math.abs(workflow.truth.asOf - at) > skewMs, placed.where);
    }
  }
});
