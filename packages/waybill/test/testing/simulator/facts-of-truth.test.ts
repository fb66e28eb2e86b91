import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageFact } from '../../../src/core/facts.ts';
import type { TrueMessage } from '../../../src/testing/simulator/truth.ts';
import { messageFacts, places, type Workflow, workflows } from './corpus.ts';

const COUNT = 300;

test('every message and every execution is in the facts and in the truth', () => {
  for (const { index, facts, truth } of workflows(COUNT)) {
    const recorded = messageFacts(facts);
    const messages = new Set(recorded.map((fact) => fact.message_id));
    assert.deepEqual(messages, new Set(truth.messages.map(({ messageId }) => messageId)), `workflow ${index}`);
    const executions = new Set(
      recorded.flatMap((fact) => (fact.kind === 'started' ? [`${fact.message_id} ${fact.execution_id}`] : [])),
    );
    const own = truth.messages.flatMap((message) => message.places.flatMap((place) => executionsOf(message, place)));
    assert.deepEqual(executions, new Set(own), `workflow ${index}`);
  }
});

function executionsOf({ messageId }: TrueMessage, { executions }: TrueMessage['places'][number]): string[] {
  return executions.map(({ executionId }) => `${messageId} ${executionId}`);
}

test('the core recorded the true cause of every message, or the batch of its causes', () => {
  for (const workflow of workflows(COUNT)) {
    const batches = batchesOf(workflow);
    const byId = new Map(workflow.truth.messages.map((message) => [message.messageId, message]));
    for (const fact of messageFacts(workflow.facts)) {
      const message = byId.get(fact.message_id);
      if (message === undefined) assert.fail(fact.message_id);
      if (message.via === 'replay') {
        if (fact.kind === 'sent') assert.deepEqual([fact.replay_of], message.causeIds);
        continue;
      }
      const { causation_id } = fact;
      const recorded = causation_id === null ? new Set() : (batches.get(causation_id) ?? new Set([causation_id]));
      assert.deepEqual(recorded, new Set(message.causeIds), `workflow ${workflow.index}, ${fact.message_id}`);
    }
  }
});

function batchesOf({ facts }: Workflow): Map<string, Set<string>> {
  const batches = new Map<string, Set<string>>();
  for (const fact of messageFacts(facts)) {
    if (fact.kind !== 'started' || fact.batch === undefined) continue;
    const items = batches.get(fact.batch.id) ?? new Set();
    batches.set(fact.batch.id, items.add(fact.message_id));
  }
  return batches;
}

test('every fact is of the workflow of its root, but for workflows begun anew and batches of several', () => {
  for (const { index, facts, truth } of workflows(COUNT)) {
    const roots = rootsOf(truth.messages);
    for (const { message_id, correlation_id } of messageFacts(facts)) {
      if (/^(run|bat)_/.test(correlation_id)) continue;
      assert.ok(roots.get(message_id)?.has(correlation_id), `workflow ${index}, ${message_id}`);
    }
  }
});

/** By message: the roots that it goes back to. A cause comes before its effects. */
function rootsOf(messages: readonly TrueMessage[]): Map<string, ReadonlySet<string>> {
  const roots = new Map<string, ReadonlySet<string>>();
  for (const { messageId, causeIds } of messages) {
    const own = causeIds.flatMap((causeId) => [...(roots.get(causeId) ?? [])]);
    roots.set(messageId, new Set(causeIds.length === 0 ? [messageId] : own));
  }
  return roots;
}

test('each end of a segment is an instant that some fact tells', () => {
  for (const { where, workflow, message, place } of places(COUNT)) {
    const own = messageFacts(workflow.facts).filter((fact) => fact.message_id === message.messageId);
    const told = new Set([workflow.truth.asOf, ...own.flatMap(instantsOf)]);
    for (const [index, { kind, to }] of place.segments.entries()) {
      if (index === 0) assert.ok(told.has(place.segments[0]?.from ?? Number.NaN), where);
      // The end of a child is told by the child's own facts.
      if (kind !== 'awaiting_children') assert.ok(told.has(to), `${where}: ${kind}`);
    }
  }
});

function instantsOf(fact: MessageFact): (number | undefined)[] {
  const { at } = fact;
  if (fact.kind === 'started') return [at, fact.lease_until, fact.enqueued_at];
  if (fact.kind === 'settled') return [at, fact.retry_at];
  return fact.kind === 'sent' ? [at, fact.not_before] : [at];
}

test('errors of one trouble have one fingerprint, hit whom the failure names, and none is without its trouble', () => {
  for (const { index, facts, truth } of workflows(COUNT)) {
    const errors = messageFacts(facts).flatMap((fact) =>
      fact.kind === 'settled' && fact.error !== undefined ? [{ ...fact, error: fact.error }] : [],
    );
    const groups = truth.failures.map((failure) => {
      const own = errors.filter(
        (fact) =>
          fact.destination === failure.destination &&
          fact.subscription === failure.subscription &&
          failure.executionIds.includes(fact.execution_id),
      );
      assert.equal(new Set(own.map(({ error }) => error.fingerprint)).size, 1, `workflow ${index}: ${failure.trouble}`);
      const dead = own.filter(({ outcome }) => outcome === 'dead').map((fact) => fact.message_id);
      assert.deepEqual(new Set(failure.deadMessageIds), new Set(dead), `workflow ${index}: ${failure.trouble}`);
      assert.deepEqual(new Set(failure.messageIds), new Set(own.map((fact) => fact.message_id)));
      return own;
    });
    assert.deepEqual(
      new Set(groups.flat().map(({ fact_id }) => fact_id)),
      new Set(errors.map(({ fact_id }) => fact_id)),
      `workflow ${index}`,
    );
  }
});
