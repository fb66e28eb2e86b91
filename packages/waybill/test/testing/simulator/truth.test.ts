import assert from 'node:assert/strict';
import { test } from 'node:test';
import { places, workflows } from './corpus.ts';

const COUNT = 300;

test('the segments of a place have no holes and no length of zero', () => {
  for (const { where, place } of places(COUNT)) {
    for (const [index, segment] of place.segments.entries()) {
      assert.notEqual(segment.from, segment.to, where);
      if (index > 0) assert.equal(segment.from, place.segments[index - 1]?.to, where);
    }
  }
});

test('no segment runs backwards while all clocks agree', () => {
  for (const { where, place } of places(COUNT)) {
    for (const { from, to } of place.segments) assert.ok(from < to, where);
  }
});

test('what is not over lasts to as-of, and what is over has ended before', () => {
  const pending = new Set(['waiting', 'running', 'overdue']);
  for (const { where, workflow, place } of places(COUNT)) {
    const last = place.segments.at(-1);
    if (last === undefined) continue;
    if (pending.has(place.state)) assert.equal(last.to, workflow.truth.asOf, where);
    else assert.ok(last.to < workflow.truth.asOf, where);
  }
});

test('a place says nothing of its time only where there is nothing to tell', () => {
  for (const { where, place } of places(COUNT)) {
    if (place.segments.length > 0) {
      assert.notEqual(place.state, 'unknown', where);
      continue;
    }
    assert.ok(['unknown', 'discarded', 'dead'].includes(place.state), `${where}: ${place.state}`);
  }
});

test('the state follows from the last execution that was no duplicate', () => {
  const outcomes: Readonly<Record<string, readonly (string | undefined)[]>> = {
    done: ['ok'],
    dead: ['dead', undefined], // undefined: in a dead-letter queue
    running: ['open'],
    waiting: [undefined, 'retry', 'failed', 'released'],
    overdue: [undefined, 'open'],
    discarded: [undefined, 'retry', 'failed', 'released'],
    unknown: [undefined],
  };
  for (const { where, place } of places(COUNT)) {
    const last = place.executions.findLast(({ is }) => is !== 'duplicate');
    assert.ok(outcomes[place.state]?.includes(last?.outcome), `${where}: ${place.state} after ${last?.outcome}`);
  }
});

test('each execution is what the one before it led to', () => {
  for (const { where, place } of places(COUNT)) {
    const handled = place.executions.filter(({ is }) => is !== 'duplicate');
    for (const [index, { is }] of handled.entries()) {
      const before = handled[index - 1]?.outcome;
      if (before === undefined) assert.ok(is === 'first' || is === 'replay', where);
      if (before === 'retry' || before === 'failed') assert.equal(is, 'retry', where);
      if (before === 'released' || before === 'lost') assert.equal(is, 'redelivery', where);
      if (before === 'dead' || before === 'ok') assert.equal(is, 'replay', where);
      assert.notEqual(before, 'open', where);
    }
  }
});

test('overdue is what missed its instant, and says which', () => {
  for (const { where, workflow, place } of places(COUNT)) {
    assert.equal(place.overdue !== null, place.state === 'overdue', where);
    if (place.overdue === null) continue;
    assert.ok(place.overdue.dueAt < workflow.truth.asOf, where);
    assert.equal(place.overdue.kind === 'never_started', place.executions.length === 0, where);
  }
});

test('every cause is a message of the same workflow, and only a root has none', () => {
  for (const { index, truth } of workflows(COUNT)) {
    const ids = new Set(truth.messages.map(({ messageId }) => messageId));
    assert.equal(ids.size, truth.messages.length, `workflow ${index} has a message twice`);
    for (const { messageId, causeIds, via } of truth.messages) {
      assert.equal(via === 'root', causeIds.length === 0, messageId);
      for (const causeId of causeIds) assert.ok(ids.has(causeId), `${messageId} is caused by nobody`);
    }
  }
});

test('every place is at a declared destination, and every failure hit messages that exist', () => {
  for (const { index, truth } of workflows(COUNT)) {
    const declared = new Map(truth.destinations.map((destination) => [destination.name, destination]));
    const ids = new Set(truth.messages.map(({ messageId }) => messageId));
    for (const { places: own } of truth.messages) {
      for (const { destination, subscription } of own) {
        const subscriptions = declared.get(destination)?.subscriptions ?? [];
        assert.ok(subscription !== null && subscriptions.includes(subscription), `${destination}/${subscription}`);
      }
    }
    for (const failure of truth.failures) {
      assert.ok(failure.executionIds.length > 0, `workflow ${index}: ${failure.trouble}`);
      for (const id of failure.messageIds) assert.ok(ids.has(id), id);
      for (const id of failure.deadMessageIds) assert.ok(failure.messageIds.includes(id), id);
    }
  }
});
