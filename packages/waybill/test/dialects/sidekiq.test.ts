import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bindingsOf } from '../../src/core/bindings.ts';
import type { ForeignCarrier } from '../../src/core/dialect.ts';
import { NO_TRACE_HEADERS } from '../../src/core/w3c.ts';
import { sidekiq } from '../../src/dialects/sidekiq.ts';
import { SIDEKIQ_JOB } from './foreign-messages.ts';

const read = (carrier: ForeignCarrier) => sidekiq.read(carrier, NO_TRACE_HEADERS);
const boundBy = (fields: ForeignCarrier) =>
  bindingsOf(read({ ...SIDEKIQ_JOB, cattr: undefined, ...fields })?.bindingsJson ?? null);
const symbol = (value: unknown) => ({ _aj_serialized: 'ActiveJob::Serializers::SymbolSerializer', value });

test('a job is its own workflow, and knows no cause', () => {
  const envelope = read(SIDEKIQ_JOB);
  assert.ok(envelope);
  const { messageId, correlationId, causationId, eventType, sentAt, bindingsJson, foreign } = envelope;
  assert.deepEqual(
    { messageId, correlationId, causationId, eventType, sentAt, bindingsJson, foreign },
    {
      messageId: 'b4a577edbccf1d805744efa9',
      correlationId: 'b4a577edbccf1d805744efa9',
      causationId: null,
      eventType: 'ChargeJob',
      sentAt: 1_777_500_538_850,
      bindingsJson: '{"user_id":16,"plan":"gold"}',
      foreign: {
        issuer: 'sidekiq',
        correlation_id: 'b4a577edbccf1d805744efa9',
        message_id: 'b4a577edbccf1d805744efa9',
      },
    },
  );
});

test('a retry is the same message, sent when it was first sent', () => {
  const retry = { ...SIDEKIQ_JOB, retry_count: 2, failed_at: 1_777_500_540_000, enqueued_at: 1_777_500_600_000 };
  assert.deepEqual(read(retry), read(SIDEKIQ_JOB));
});

test('an ActiveJob is known by the job, not by what wraps it', () => {
  const wrapper = 'Sidekiq::ActiveJob::Wrapper';
  assert.equal(
    read({ ...SIDEKIQ_JOB, class: wrapper, wrapped: 'Billing::ChargeJob' })?.eventType,
    'Billing::ChargeJob',
  );
  assert.equal(read({ jid: '1', wrapped: 'ChargeJob' })?.eventType, 'ChargeJob');
  assert.equal(read({ jid: '1', args: [] }), null);
});

const TIMES: [what: string, fields: ForeignCarrier, sentAt: number | null][] = [
  ['seconds before version 8', { created_at: 1447445554.419934 }, 1_447_445_554_420],
  ['milliseconds from version 8 on', { created_at: 1_447_445_554_419 }, 1_447_445_554_419],
  ['only when it was enqueued', { created_at: undefined, enqueued_at: 1447445554.5 }, 1_447_445_554_500],
  ['no time', { created_at: undefined, enqueued_at: undefined }, null],
  ['text', { created_at: '1447445554', enqueued_at: null }, null],
  ['a time that is none', { created_at: -1, enqueued_at: Number.NaN }, null],
  ['a time past all', { created_at: 1e300, enqueued_at: Number.POSITIVE_INFINITY }, null],
];

for (const [what, fields, sentAt] of TIMES) {
  test(`a job with ${what} was sent at ${sentAt}`, () => {
    assert.equal(read({ ...SIDEKIQ_JOB, ...fields })?.sentAt, sentAt);
  });
}

test('current attributes are bound, as version 7 and as version 8 saves them', () => {
  assert.deepEqual(boundBy({ cattr: { user_id: 16, plan: 'gold' } }), { user_id: 16, plan: 'gold' });
  const pairs = [
    [symbol('user_id'), 16],
    ['plan', symbol('gold')],
  ];
  assert.deepEqual(boundBy({ cattr: pairs }), { user_id: 16, plan: 'gold' });
});

test('each class has a hash of its own; of two that share a name the first counts', () => {
  assert.deepEqual(boundBy({ cattr: { user_id: 16 }, cattr_1: { other_id: 17, user_id: 99 } }), {
    user_id: 16,
    other_id: 17,
  });
  assert.deepEqual(boundBy({ cattr_2: { other_id: 17 } }), { other_id: 17 }, 'a class without values has none');
  assert.deepEqual(boundBy({ cattr_x: { a: 1 }, xcattr: { a: 1 }, cattr_1000: { a: 1 } }), {});
});

test('what only Ruby can read is left out: records, times, and the marks of hashes', () => {
  const cattr = {
    user: { _aj_globalid: 'gid://shop/User/16' },
    since: { _aj_serialized: 'ActiveJob::Serializers::TimeWithZoneSerializer', value: '2026-04-29T22:08:58Z' },
    account: { id: 7, _aj_symbol_keys: ['id'], owner: { _aj_globalid: 'gid://shop/User/1' }, tags: ['a', symbol('b')] },
    _aj_ruby2_keywords: [],
    broken: symbol(7),
  };
  assert.deepEqual(boundBy({ cattr }), { account: { id: 7, tags: ['a', 'b'] } });
});

test('attributes that are none, or of another shape, bind nothing', () => {
  const bytes = Buffer.from('{"a":1}');
  for (const cattr of [null, 7, 'text', bytes, { a: bytes }, [], {}, [7], [[]], [['a']], [[7, 1]], [null]])
    assert.deepEqual(boundBy({ cattr }), {});
});

test('attributes that are nested without end, or named like a prototype, do no harm', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level++) deep = { deep };
  assert.ok(read({ ...SIDEKIQ_JOB, cattr: { deep } }));
  const polluting = JSON.parse('{"__proto__":{"polluted":true},"plan":{"__proto__":{"polluted":true},"a":1}}');
  assert.deepEqual(boundBy({ cattr: polluting }), { plan: { a: 1 } });
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

test('a secret among the attributes goes no further', () => {
  assert.deepEqual(boundBy({ cattr: { password: 'canary', user_id: 1 } }), { password: '[redacted]', user_id: 1 });
});

test('nothing is written for it: it has no word for a workflow or a cause', () => {
  assert.equal(sidekiq.write, undefined);
});
