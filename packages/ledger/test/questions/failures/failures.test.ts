import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FactError } from 'waybill';
import { failures } from '../../../src/questions/failures/failures.ts';
import { lossesOf } from '../../../src/questions/graph/losses.ts';
import { reconstruct } from '../../../src/questions/graph/reconstruct.ts';
import { checkout } from '../checkout.ts';
import { settled, started, timeout } from '../fact-makers.ts';

test('of the checkout three attempts failed of an address, one of a provider, and one was lost', () => {
  const answer = failures(checkout());
  assert.deepEqual(
    answer.groups.map(({ kind, title, destination, execution_ids, message_ids, dead_message_ids, evidence }) => [
      ...[kind, title, destination, execution_ids.length, message_ids.length, dead_message_ids.length, evidence],
    ]),
    [
      ['error', 'AddressRejected: postcode missing', 'shipping', 3, 1, 1, 'observed'],
      ['error', 'ProviderTimeout: card provider answered 504', 'payments', 1, 1, 0, 'observed'],
      ['lost', 'Lease lost: worker payments-7f9c-2', 'payments', 1, 1, 0, 'inferred'],
    ],
  );
  assert.deepEqual([answer.executions, answer.messages, answer.is_at_least], [5, 2, false]);
  assert.deepEqual(
    answer.messages_in_several.map((id) => id.slice(-6)),
    ['PWASC1'],
  );
});

test('an error is a group of its own at each subscription', () => {
  const other: FactError = { ...timeout, fingerprint: 'f_other' };
  const failed = (id: string, error: FactError, subscription = 'worker') => [
    started(id, 1, 0, { subscription }),
    settled(id, 1, 100, 'retry', { error, subscription }),
  ];
  const facts = [
    ...failed('msg_a', timeout),
    ...failed('msg_b', timeout),
    ...failed('msg_c', timeout, 'mail'),
    ...failed('msg_d', other),
  ];
  const { groups } = failures(reconstruct(facts, { asOf: 1_000 }));
  assert.deepEqual(
    groups.map(({ fingerprint, subscription, message_ids }) => [fingerprint, subscription, message_ids]),
    [
      ['f_504', 'worker', ['msg_a', 'msg_b']],
      ['f_504', 'mail', ['msg_c']],
      ['f_other', 'worker', ['msg_d']],
    ],
  );
});

test('a batch that failed is one execution of several messages', () => {
  const batch = (index: number) => ({ execution_id: 'exe_b', batch: { id: 'bat_1', index, count: 2 } });
  const end = { execution_id: 'exe_b', error: timeout };
  const facts = [
    ...[started('msg_1', 1, 0, batch(0)), settled('msg_1', 1, 90, 'dead', end)],
    ...[started('msg_2', 1, 0, batch(1)), settled('msg_2', 1, 95, 'retry', end)],
  ];
  const [group] = failures(reconstruct(facts, { asOf: 1_000 })).groups;
  assert.deepEqual(
    [group?.execution_ids, group?.message_ids, group?.dead_message_ids],
    [['exe_b'], ['msg_1', 'msg_2'], ['msg_1']],
  );
  assert.deepEqual([group?.first_at, group?.last_at], ['1970-01-01T00:00:00.090Z', '1970-01-01T00:00:00.095Z']);
});

test('where facts are known to be missing, each count is at least so', () => {
  const facts = [started('msg_a', 1, 0, { seq: 1 }), settled('msg_a', 1, 100, 'dead', { error: timeout, seq: 4 })];
  assert.equal(failures(reconstruct(facts, { asOf: 1_000, losses: lossesOf(facts) })).is_at_least, true);
});
