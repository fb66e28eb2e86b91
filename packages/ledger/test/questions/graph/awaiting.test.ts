import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageFact, SentFact } from 'waybill';
import type { Destination } from '../../../src/questions/graph/destinations.ts';
import { reconstruct } from '../../../src/questions/graph/reconstruct.ts';
import { counted, sent, settled, started } from '../fact-makers.ts';

const destinations: readonly Destination[] = [{ name: 'orders' }, { name: 'pages' }];

/** Where the time of the parent went. */
function parts(facts: readonly MessageFact[], asOf = 10_000): string[] {
  const at = reconstruct(facts, { asOf, destinations }).message('msg_book')?.subscriptions[0];
  const sum = at?.segments.reduce((all, { ms }) => all + ms, 0);
  assert.equal(sum, at?.elapsedMs, 'the parts add up');
  return at?.segments.map(({ kind, ms, evidence }) => `${kind} ${ms} ${evidence}`) ?? [];
}
const parent = (more: Partial<SentFact> = {}) =>
  sent('msg_book', 0, { flow: { id: 'flow_1', role: 'parent', awaits: ['msg_p1', 'msg_p2'] }, ...more });
const page = (id: string, endsAt: number): MessageFact[] => [
  started(id, 1, endsAt - 100, { destination: 'pages', ...counted(1) }),
  settled(id, 1, endsAt, 'ok', { destination: 'pages' }),
];
const starts = (at: number, releasedBy?: string): MessageFact[] => [
  started('msg_book', 1, at, { ...counted(1), ...(releasedBy && { released_by: releasedBy }) }),
  settled('msg_book', 1, at + 500, 'ok'),
];

test('a parent awaits its children until the one that let it go has ended, and then lies in its queue', () => {
  const facts = [parent(), ...page('msg_p1', 1_000), ...page('msg_p2', 4_000), ...starts(4_500, 'msg_p2')];
  assert.deepEqual(parts(facts), ['awaiting_children 4000 observed', 'queued 500 observed', 'run 500 observed']);
});

test('which child let it go is believed over the clocks of the children', () => {
  const facts = [parent(), ...page('msg_p1', 9_000), ...page('msg_p2', 4_000), ...starts(4_500, 'msg_p2')];
  assert.equal(parts(facts)[0], 'awaiting_children 4000 observed');
});

test('where the end of the last child is missing, nobody knows when the wait for it was over', () => {
  const facts = [parent(), ...page('msg_p1', 1_000), ...starts(4_500, 'msg_p2')];
  assert.deepEqual(parts(facts), ['unaccounted 4500 unknown', 'run 500 observed']);
});

test('without a name the last of all ends is taken, as a conclusion', () => {
  const facts = [parent(), ...page('msg_p1', 1_000), ...page('msg_p2', 4_000), ...starts(4_500)];
  assert.deepEqual(parts(facts).slice(0, 2), ['awaiting_children 4000 inferred', 'queued 500 inferred']);
});

test('a parent whose children go on waits for them until now', () => {
  assert.deepEqual(parts([parent(), ...page('msg_p1', 1_000)]), ['awaiting_children 10000 inferred']);
});

test('a parent whose children have all ended lies in its queue until now', () => {
  const facts = [parent(), ...page('msg_p1', 1_000), ...page('msg_p2', 4_000)];
  assert.deepEqual(parts(facts), ['awaiting_children 4000 inferred', 'queued 6000 inferred']);
});

const child = (id: string, more: Partial<SentFact> = {}) =>
  sent(id, 600, {
    destination: 'pages',
    causation_id: 'msg_book',
    by_execution_id: 'exe_msg_book_1',
    flow: { id: 'msg_book', role: 'child' },
    ...more,
  });
const released = [
  sent('msg_book', 0),
  started('msg_book', 1, 500, counted(1)),
  settled('msg_book', 1, 1_000, 'released'),
];

test('a running parent that adds children is handed back, and awaits them', () => {
  const facts = [
    ...released,
    child('msg_p1'),
    ...page('msg_p1', 5_000),
    started('msg_book', 1, 5_200, { ...counted(2), execution_id: 'exe_2', released_by: 'msg_p1' }),
    settled('msg_book', 1, 5_300, 'ok', { execution_id: 'exe_2' }),
  ];
  assert.deepEqual(parts(facts), [
    'queued 500 observed',
    'run 500 observed',
    'awaiting_children 4000 observed',
    'queued 200 observed',
    'run 100 observed',
  ]);
});

test('only children that this execution added, and that it awaits, hold it back', () => {
  const other = [
    child('msg_p1', { by_execution_id: 'exe_other' }),
    child('msg_p2', { flow: { id: 'flow_9', role: 'child' } }),
  ];
  assert.deepEqual(parts([...released, ...other]).slice(2), ['queued 9000 inferred']);
  assert.deepEqual(parts([...released, child('msg_p1')]).slice(2), ['awaiting_children 9000 inferred']);
});

test('a child that let it go before does not hold it back again', () => {
  const facts = [
    parent(),
    ...page('msg_p1', 1_000),
    started('msg_book', 1, 1_500, { ...counted(1), released_by: 'msg_p1' }),
    settled('msg_book', 1, 2_000, 'released'),
    started('msg_book', 1, 2_300, { ...counted(2), execution_id: 'exe_2', released_by: 'msg_p1' }),
    settled('msg_book', 1, 2_400, 'ok', { execution_id: 'exe_2' }),
  ];
  assert.deepEqual(parts(facts).slice(-2), ['queued 300 observed', 'run 100 observed']);
});
