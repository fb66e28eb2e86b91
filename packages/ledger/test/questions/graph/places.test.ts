import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageFact } from 'waybill';
import type { Destination } from '../../../src/questions/graph/destinations.ts';
import { reconstruct } from '../../../src/questions/graph/reconstruct.ts';
import { discarded, replayed, sent, settled, started } from '../fact-makers.ts';

function places(facts: readonly MessageFact[], destinations: readonly Destination[] = [], id = 'msg_a'): string[] {
  const found = reconstruct(facts, { asOf: 100_000, destinations }).message(id)?.subscriptions ?? [];
  return found.map(({ destination, subscription, state }) => `${destination}/${subscription} ${state}`).sort();
}
const at = (subscription: string, message = 'msg_a') => ({
  subscription,
  execution_id: `exe_${message}_${subscription}`,
});
const topic: Destination = { name: 'orders', kind: 'topic', subscriptions: ['mail', 'billing'], deadline_ms: 60_000 };

test('each declared subscription of a topic has its own copy of a message', () => {
  const facts = [sent('msg_a', 0), started('msg_a', 1, 100, at('mail')), settled('msg_a', 1, 200, 'ok', at('mail'))];
  assert.deepEqual(places(facts, [topic]), ['orders/billing overdue', 'orders/mail done']);
  assert.deepEqual(places([sent('msg_a', 0)], [topic]), ['orders/billing overdue', 'orders/mail overdue']);
});

test('who takes messages from a queue takes each once, however many there are', () => {
  const queue: Destination = { ...topic, kind: 'queue' };
  assert.deepEqual(places([sent('msg_a', 99_000), started('msg_a', 1, 99_100, at('mail'))], [queue]), [
    'orders/mail running',
  ]);
  assert.deepEqual(places([sent('msg_a', 99_000)], [{ ...queue, subscriptions: ['mail'] }]), ['orders/mail waiting']);
});

test('a subscription that was learned later waits for nothing that was sent before', () => {
  const learned: Destination = {
    ...topic,
    sources: { learned: { at: '2026-03-17T14:58:30.000Z', fields: ['subscriptions'] } },
  };
  assert.deepEqual(places([sent('msg_a', 0), started('msg_a', 1, 100, at('mail'))], [learned]), [
    'orders/mail running',
  ]);
});

test('a subscription that was seen to get copies is waited for by what comes later', () => {
  const copied = ['mail', 'billing'].flatMap((name) => [
    started('msg_b', 1, 100, at(name, 'msg_b')),
    settled('msg_b', 1, 200, 'ok', at(name, 'msg_b')),
  ]);
  const later = [sent('msg_a', 50_000), started('msg_a', 1, 50_100, at('mail'))];
  assert.deepEqual(places([...copied, ...later]), ['orders/billing waiting', 'orders/mail running']);
  const before = [sent('msg_a', 50), started('msg_a', 1, 100, at('mail'))];
  assert.deepEqual(places([...copied, ...before]), ['orders/mail running']);
});

test('where consumers go by other names than those declared, nobody is missed', () => {
  assert.deepEqual(places([sent('msg_a', 0), started('msg_a', 1, 100, at('orders'))], [topic]), [
    'orders/orders running',
  ]);
});

test('a dead letter lies in its queue, apart from where it died', () => {
  const dead = [sent('msg_a', 0), started('msg_a', 1, 100), settled('msg_a', 1, 200, 'dead')];
  const buried = sent('msg_a', 250, { destination: 'orders.dlq', dead_lettered: true });
  assert.deepEqual(places([...dead, buried]), ['orders.dlq/null dead', 'orders/worker dead']);
  const desk = { destination: 'orders.dlq', execution_id: 'exe_d', subscription: 'desk' };
  const handled = [started('msg_a', 1, 900, { ...desk, dead_lettered: true }), settled('msg_a', 1, 950, 'ok', desk)];
  assert.deepEqual(places([...dead, buried, ...handled]), ['orders.dlq/desk done', 'orders/worker dead']);
});

test('a redrive of one subscription starts nothing at another', () => {
  const dead = ['mail', 'billing'].flatMap((name) => [
    started('msg_a', 1, 100, at(name)),
    settled('msg_a', 1, 200, 'dead', at(name)),
  ]);
  const redrive = replayed('msg_a', 900, { subscription: 'mail' });
  assert.deepEqual(places([sent('msg_a', 0), ...dead, redrive]), ['orders/billing dead', 'orders/mail waiting']);
});

test('what was called off at one subscription is not called off at another', () => {
  const facts = [sent('msg_a', 50_000), discarded('msg_a', 60_000, { subscription: 'mail' })];
  assert.deepEqual(places(facts, [{ ...topic, deadline_ms: undefined }]), [
    'orders/billing waiting',
    'orders/mail discarded',
  ]);
});

test('what was called off, and whose send is missing, lay where it was for', () => {
  const queue: Destination = { ...topic, kind: 'queue', subscriptions: ['mail'] };
  assert.deepEqual(places([discarded('msg_a', 60_000)], [queue]), ['orders/mail discarded']);
  assert.deepEqual(places([discarded('msg_a', 60_000, { subscription: 'mail' })], [topic]), [
    'orders/billing unknown',
    'orders/mail discarded',
  ]);
  assert.deepEqual(places([discarded('msg_a', 60_000)]), ['orders/null discarded']);
});

test('where nobody knows who takes it, what was called off for one is called off', () => {
  const facts = [sent('msg_a', 50_000), discarded('msg_a', 60_000, { subscription: 'mail' })];
  assert.deepEqual(places(facts, [{ name: 'orders' }]), ['orders/null discarded']);
});
