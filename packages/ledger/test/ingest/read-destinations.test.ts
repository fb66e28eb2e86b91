import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDeclaration, readDocumented, readReport } from '../../src/ingest/read-destinations.ts';

const now = 1_000_000;
const report = (more: object) => ({ schema: 'waybill.destinations/1', source: 'probed', destinations: [], ...more });
const said = (values: ReturnType<typeof readDocumented>['values']) =>
  values.map(({ destination, source, field, value, at }) => [destination, source, field, value, at]);

test('a declaration is whole: what it leaves out is taken back', () => {
  const values = readDeclaration('email', { kind: 'queue', lease_ms: 30_000 }, now);
  const [taken, kept] = [values.filter(({ value }) => value === null), values.filter(({ value }) => value !== null)];
  assert.deepEqual(said(kept), [
    ['email', 'declared', 'kind', 'queue', now],
    ['email', 'declared', 'lease_ms', 30_000, now],
  ]);
  assert.deepEqual(taken.map(({ field }) => field).sort(), [
    ...['dead_letter', 'deadline_ms', 'instrumented', 'max_attempts', 'subscriptions', 'system'],
    'uninstrumented_subscriptions',
  ]);
});

test('a wrong value is named by its destination and field, with what it has to be', () => {
  for (const [field, value, why] of [
    ['lease_ms', '30s', 'a whole number, 1 or more, and is "30s"'],
    ['lease_ms', 0, 'a whole number, 1 or more, and is 0'],
    ['lease_ms', 1.5, 'a whole number, 1 or more, and is 1.5'],
    ['kind', 'stack', 'queue, topic, ingress or dead-letter, and is "stack"'],
    ['subscriptions', ['a', 1], 'a list of at most 1000 texts, and is ["a",1]'],
    ['instrumented', 'yes', 'true or false, and is "yes"'],
    ['dead_letter', '', 'a text of 1 to 256 characters, and is ""'],
    ['depth', 3, 'probed, never declared, and is 3'],
    ['run_p99_ms', 3, 'learned, never declared, and is 3'],
  ] as const)
    assert.throws(() => readDeclaration('email', { [field]: value }, now), {
      code: 'DESTINATION_INVALID',
      message: `destination "email": ${field} has to be ${why}`,
    });
  assert.throws(() => readDeclaration('email', { lease: 3 }, now), {
    message: /^a field of destination "email" has to be one of kind, system, .*, and is "lease"$/,
  });
  for (const written of [null, [], 'email'])
    assert.throws(() => readDeclaration('email', written, now), {
      message: /^destination "email" has to be an object/,
    });
  for (const name of ['', 'x'.repeat(257), 3, undefined])
    assert.throws(() => readDeclaration(name, {}, now), { message: /^the name of a destination has to be a text/ });
});

test('a report says of each destination what it gives, and leaves the rest as it was', () => {
  const { values, source, ignored } = readReport(
    report({
      at: '1970-01-01T00:10:00Z',
      destinations: [
        { name: 'orders/events', depth: 0, consumers: null, last_consumer_seen_at: '1970-01-01T01:00:00+01:00' },
        { name: 'email', lease_ms: 5, colour: 'blue' },
      ],
    }),
    now,
  );
  assert.deepEqual([source, ignored], ['probed', ['colour']]);
  assert.deepEqual(said(values), [
    ['orders/events', 'probed', 'depth', 0, 600_000],
    ['orders/events', 'probed', 'consumers', null, 600_000],
    ['orders/events', 'probed', 'last_consumer_seen_at', '1970-01-01T00:00:00.000Z', 600_000],
    ['email', 'probed', 'lease_ms', 5, 600_000],
  ]);
});

test('what a report says of a time to come, or of none, is said of now', () => {
  for (const at of [{}, { at: '1999-01-01T00:00:00Z' }]) {
    const { values } = readReport(report({ ...at, destinations: [{ name: 'email', depth: 1 }] }), now);
    assert.deepEqual(said(values), [['email', 'probed', 'depth', 1, now]]);
  }
});

test('what is no report is refused with what is wrong with it', () => {
  for (const [body, why] of [
    [[], /^a destination has to be an object/],
    [{}, /^schema has to be waybill\.destinations\/1, and is missing$/],
    [report({ source: 'guessed' }), /^source has to be declared or probed, and is "guessed"$/],
    [report({ at: 'noon' }), /^at has to be an RFC 3339 time, and is "noon"$/],
    [report({ destinations: {} }), /^destinations has to be a list/],
    [report({ destinations: Array.from({ length: 1_001 }, () => ({ name: 'a' })) }), /a list of at most 1000/],
    [report({ destinations: [{ depth: 1 }] }), /^the name of a destination/],
    [report({ destinations: [{ name: 'a', depth: -1 }] }), /depth has to be a whole number, 0 or more, and is -1$/],
    [report({ destinations: [{ name: 'a', deadline_ms: 1 }] }), /deadline_ms has to be declared, never probed/],
    [report({ source: 'declared', destinations: [{ name: 'a', dedth: 1 }] }), /^a field of destination "a"/],
  ] as const)
    assert.throws(() => readReport(body, now), { code: 'DESTINATION_INVALID', message: why });
});

test('a document tells by its sources of whom a value is and of when, and a measure without an age is none', () => {
  const at = '1970-01-01T00:01:00.000Z';
  const { values, ignored } = readDocumented(
    [
      {
        name: 'email',
        kind: 'queue',
        lease_ms: 5,
        depth: 3,
        consumers: 1,
        sources: { probed: { at, fields: ['depth'] }, declared: { at, fields: ['lease_ms'] } },
      },
      { name: 'bare', deadline_ms: 7, depth: 9 },
      { name: 'seen', kind: 'dead-letter', sources: { probed: { at, fields: [] } } },
    ],
    now,
  );
  assert.deepEqual(said(values), [
    ['email', 'declared', 'kind', 'queue', 60_000],
    ['email', 'declared', 'lease_ms', 5, 60_000],
    ['email', 'probed', 'depth', 3, 60_000],
    ['bare', 'declared', 'deadline_ms', 7, now],
    ['seen', 'probed', 'kind', 'dead-letter', 60_000],
  ]);
  assert.deepEqual(ignored, ['consumers', 'depth']);
  for (const wrong of [{}, [{ name: 'a', sources: { probed: { at: 1 } } }], [{ name: 'a', sources: 3 }]])
    assert.throws(() => readDocumented(wrong, now), { code: 'DESTINATION_INVALID' });
});
