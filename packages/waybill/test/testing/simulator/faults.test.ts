import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simulate } from '../../../src/testing/simulator/simulate.ts';
import { messageFacts, workflows } from './corpus.ts';

const COUNT = 200;

test('lost facts are missing, and change nothing else', () => {
  let recorded = 0;
  let lost = 0;
  for (const { index, facts, truth } of workflows(COUNT)) {
    const less = simulate({ seed: 1, index, faults: { lostFacts: 0.05 } });
    const all = new Set(facts.map(({ fact_id }) => fact_id));
    const kept = new Set(less.facts.map(({ fact_id }) => fact_id));
    assert.ok(
      [...kept].every((id) => all.has(id)),
      `workflow ${index}`,
    );
    assert.deepEqual(less.truth.messages, truth.messages, `workflow ${index}`);
    recorded += all.size;
    lost += all.size - kept.size;
  }
  assert.ok(Math.abs(lost / recorded - 0.05) < 0.01, `${lost} of ${recorded}`);
});

test('context is lost on about as many hops as asked for', () => {
  let hops = 0;
  let lost = 0;
  for (const { truth } of workflows(COUNT, { lostContext: 0.1 })) {
    for (const message of truth.messages) {
      if (message.causeIds.length > 0) hops++;
      if (message.lost !== null) lost++;
    }
  }
  assert.ok(Math.abs(lost / hops - 0.1) < 0.02, `${lost} of ${hops}`);
});

test('a message that lost its context is another one than its cause, which nobody can tell the state of', () => {
  for (const { index, truth } of workflows(COUNT, { lostContext: 0.1 })) {
    const byId = new Map(truth.messages.map((message) => [message.messageId, message]));
    for (const { messageId, causeIds, lost, places } of truth.messages) {
      if (lost === null) continue;
      const [cause] = causeIds.map((causeId) => byId.get(causeId));
      const left = cause?.places.some(({ state, segments }) => state === 'unknown' && segments.length === 0);
      assert.ok(left, `workflow ${index}, ${messageId}`);
      assert.ok(
        places.some(({ executions }) => executions.length > 0),
        `workflow ${index}, ${messageId}`,
      );
    }
  }
});

test('the receiver of a message without context says so, and for the reason that is true', () => {
  for (const { index, facts, truth } of workflows(COUNT, { lostContext: 0.1 })) {
    const gaps = new Map(
      messageFacts(facts).flatMap((fact) => (fact.kind === 'gap' ? [[fact.message_id, fact.gap.reason]] : [])),
    );
    const lost = truth.messages.flatMap((message) => (message.lost === null ? [] : [message]));
    assert.deepEqual(
      gaps,
      new Map(lost.map(({ messageId, lost: loss }) => [messageId, loss?.reason])),
      `workflow ${index}`,
    );
  }
});

test('what a service in between took was sent to that service, and its receivers record nothing', () => {
  let seen = 0;
  for (const { facts, truth } of workflows(COUNT, { lostContext: 0.1 })) {
    const silent = new Set(truth.destinations.flatMap(({ name, instrumented }) => (instrumented ? [] : [name])));
    for (const fact of messageFacts(facts)) {
      if (!silent.has(fact.destination)) continue;
      assert.equal(fact.kind, 'sent');
      seen++;
    }
  }
  assert.ok(seen > 0);
});

test('each host shows its own time, never further off than asked for, and the story stays the same', () => {
  const skewMs = 5_000;
  for (const { index, facts } of workflows(50)) {
    const skewed = simulate({ seed: 1, index, faults: { skewMs } });
    const offs = new Map<string, Set<number>>();
    for (const [place, fact] of facts.entries()) {
      const other = skewed.facts[place];
      assert.equal(other?.kind, fact.kind);
      const own = offs.get(fact.instance) ?? new Set();
      offs.set(fact.instance, own.add((other?.at ?? 0) - fact.at));
    }
    for (const [instance, [off = 0, ...others]] of offs) {
      assert.equal(others.length, 0, `${instance} has two clocks`);
      assert.ok(Math.abs(off) <= skewMs, `${instance} is ${off} ms off`);
    }
  }
});

test('no fact is later than as-of, by any clock, and none of the instants that matter lies beside it', () => {
  const skewMs = 5_000;
  for (const { index, facts, truth } of workflows(COUNT, { skewMs })) {
    for (const { at } of facts) assert.ok(at < truth.asOf, `workflow ${index}`);
    for (const { places } of truth.messages) {
      for (const { overdue } of places) {
        if (overdue !== null) assert.ok(truth.asOf - overdue.dueAt > 2 * skewMs, `workflow ${index}`);
      }
    }
  }
});
