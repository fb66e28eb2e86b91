import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CreatedFact, DiscardedFact, DroppedFact, Fact, GapFact, SentFact } from 'waybill';
import { decodeLogs } from '../../src/ingest/decode-logs.ts';
import { sent, settled, started } from '../store/made-facts.ts';
import { workflowFacts } from '../workflow.ts';
import { bodyOf, bodyOfFacts, recordOf, type TestRecord } from './otlp-body.ts';

const RESOURCE = { 'service.name': 'shop', 'service.instance.id': 'shop-1' };

test('facts of a workflow come out as they went in', () => {
  assert.deepEqual(decodeLogs(bodyOfFacts(workflowFacts())), { facts: workflowFacts(), rejected: 0 });
});

test('every field that a fact may have comes out as it went in', () => {
  const grouping = { id: 'fan_1', index: 0, count: 3 };
  const creation: Partial<SentFact> = {
    by_execution_id: 'e',
    created_at: 1,
    not_before: 2,
    due_at: 3,
    dedup_key: 'd',
    fanout: grouping,
    flow: { id: 'flow_1', role: 'child', awaits: ['a', 'b'] },
    in_reply_to: 'q',
    replay_of: 'o',
    schedule_id: 's',
    continued_from: 'c',
    late: true,
    dead_lettered: true,
    plan_id: 'plan_1',
    derived_key: 'k',
    saga_id: 'saga',
    hop: 2,
    origin_trace_id: 'f'.repeat(32),
    correlations: ['w1', 'w2'],
    foreign: { correlation_id: 'theirs', message_id: 'm', initiator_id: 'i', issuer: 'them' },
    bindings: '{"__proto__":{"a":1},"n":[1,2]}',
    overflow: 2,
    inferred: true,
    version: '1.2.3',
  };
  const created: CreatedFact = { ...sent(), kind: 'created' };
  delete (created as { status?: unknown }).status;
  const discarded: DiscardedFact = { ...created, kind: 'discarded', how: 'expired', actor: 'ttl' };
  const error = { type: 'TypeError', message: 'no "x"', fingerprint: 'f1' };
  const edge = { from: null, to: 'orders' };
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const { how: _, actor: __, ...bare } = discarded;
  const gap: GapFact = { ...bare, kind: 'gap', gap: { reason: 'w3c_only', missing: ['waybill'], edge, traceparent } };
  const facts: Fact[] = [
    sent({ ...creation, causation_id: 'p', operation: 'checkout' }),
    gap,
    created,
    discarded,
    started({
      attempt: null,
      batch: grouping,
      dead_lettered: true,
      released_by: 'm',
      plan_id: 'p',
      replay: 'log',
      redelivered: false,
    }),
    settled({ attempt: null, ended_at: 5, by: 'ack', outcome: 'dead', error, retry_at: 6 }),
  ];
  assert.deepEqual(decodeLogs(bodyOfFacts(facts)), { facts, rejected: 0 });
});

test('a role in a flow, or a kind of replay, that nobody knows is no fact', () => {
  for (const fact of [
    // Sound as a test: what no type lets through may still come from a program without types.
    sent({ flow: { id: 'flow_1', role: 'uncle' as never } }),
    started({ replay: 'again' as never }),
  ])
    assert.deepEqual(decodeLogs(bodyOfFacts([fact])).facts, []);
});

test('dropped facts need no message', () => {
  const dropped: DroppedFact = {
    kind: 'dropped',
    fact_id: 'd',
    at: 9,
    service: 's',
    instance: 'i',
    count: 3,
    since: 1,
    why: 'full',
  };
  assert.deepEqual(decodeLogs(bodyOfFacts([dropped])), { facts: [dropped], rejected: 0 });
});

test('integers are read as decimal strings, as numbers and as whole doubles', () => {
  for (const value of [{ intValue: '7' }, { intValue: 7 }, { doubleValue: 7 }]) {
    const [fact] = decodeLogs(bodyOf([withAttribute('waybill.hop', value)], RESOURCE)).facts;
    assert.equal((fact as SentFact).hop, 7);
  }
});

test('a flag that says no is the same as none', () => {
  const [fact] = decodeLogs(bodyOf([withAttribute('waybill.late', { boolValue: false })], RESOURCE)).facts;
  assert.ok(fact && !('late' in fact));
});

test('milliseconds are cut from nanoseconds exactly', () => {
  const read = (timeUnixNano: unknown) => decodeLogs(bodyOf([{ ...recordOf(sent()), timeUnixNano }])).facts[0]?.at;
  assert.equal(read('1773756131204999999'), 1_773_756_131_204);
  assert.equal(read(1_773_756_131_204_000_000), 1_773_756_131_204);
});

test('the kind may also come as an attribute, as older exporters send it', () => {
  const { eventName, ...record } = recordOf(sent());
  const attributes = [...(record.attributes as object[]), { key: 'event.name', value: { stringValue: eventName } }];
  assert.equal(decodeLogs(bodyOf([{ ...record, attributes }])).facts[0]?.kind, 'sent');
});

test('a fact whose event name a collector dropped is known by its attribute waybill.kind', () => {
  const { eventName, ...record } = recordOf(sent());
  const attributes = [
    ...(record.attributes as object[]),
    { key: 'waybill.kind', value: { stringValue: String(eventName).slice('waybill.'.length) } },
  ];
  assert.equal(decodeLogs(bodyOf([{ ...record, attributes }])).facts[0]?.kind, 'sent');
});

test('records of other programs are skipped, and are no errors', () => {
  const others = [
    {},
    { eventName: 'session.start' },
    { body: { stringValue: 'hello' } },
    { eventName: 'waybillish.sent' },
  ];
  assert.deepEqual(decodeLogs(bodyOf(others)), { facts: [], rejected: 0 });
  assert.deepEqual(decodeLogs(new TextEncoder().encode('{}')), { facts: [], rejected: 0 });
});

const REJECTED: readonly [reason: string, record: unknown][] = [
  ...['fact_id', 'message_id', 'correlation_id', 'status'].map((name) => lacking(`waybill.${name}`)),
  lacking('messaging.system'),
  lacking('messaging.destination.name'),
  ['traceId is missing', { ...recordOf(sent()), traceId: undefined }],
  ['traceId is missing', { ...recordOf(sent()), traceId: '0'.repeat(32) }],
  ['traceId is not 32 hex digits', { ...recordOf(sent()), traceId: 'YUZGZ3cgsMyiM2Zmb3ZmZg==' }],
  ['spanId is not 16 hex digits', { ...recordOf(sent()), spanId: 'abc' }],
  ['timeUnixNano is no time', { ...recordOf(sent()), timeUnixNano: '0' }],
  ['timeUnixNano is no time', { ...recordOf(sent()), timeUnixNano: 1e22 }],
  ['its kind is not known', { ...recordOf(sent()), eventName: 'waybill.__proto__' }],
  ['the record is no object', 'text'],
  ['attributes is no list', { ...recordOf(sent()), attributes: {} }],
  ['an attribute is no object', { ...recordOf(sent()), attributes: [null] }],
  ['an attribute has no key or value', { ...recordOf(sent()), attributes: [{ key: 1 }] }],
  ['waybill.hop is not a whole number', withAttribute('waybill.hop', { intValue: '1.5' })],
  ['waybill.hop is not a whole number', withAttribute('waybill.hop', { intValue: '9007199254740993' })],
  ['waybill.hop is not a whole number', withAttribute('waybill.hop', { stringValue: '7' })],
  [
    'waybill.due_at is not a time in Unix milliseconds',
    withAttribute('waybill.due_at', { intValue: '253402300800000' }),
  ],
  ['waybill.late is not true or false', withAttribute('waybill.late', { stringValue: 'true' })],
  [
    'waybill.correlations is not a list of strings',
    withAttribute('waybill.correlations', { arrayValue: { values: [{ intValue: 1 }] } }),
  ],
  ['waybill.bindings is not the JSON text of an object', withAttribute('waybill.bindings', { stringValue: '{"a":' })],
  [
    'waybill.bindings is not the JSON text of an object',
    withAttribute('waybill.bindings', { stringValue: `{"a":${'['.repeat(65)}${']'.repeat(65)}}` }),
  ],
  [
    'waybill.by_execution_id is not an id of 1 to 128 printable ASCII characters',
    withAttribute('waybill.by_execution_id', { stringValue: 'x'.repeat(129) }),
  ],
  ['waybill.fanout.index is missing', withAttribute('waybill.fanout.id', { stringValue: 'fan_1' })],
  ['waybill.status is there twice', withAttribute('waybill.status', { stringValue: 'refused' })],
  [
    'waybill.outcome is not one of ok, retry, dead, released, skipped, failed',
    recordOf(settled({ outcome: 'fine' as 'ok' })),
  ],
  ['waybill.error.fingerprint is missing', recordOf(settled({ error: { type: 'E', message: 'm' } as never }))],
  ['an attribute is nested more than 64 levels deep', withAttribute('somebody.elses', nested(65))],
];

for (const [reason, record] of REJECTED) {
  test(`a record is rejected, and the good one beside it kept: ${reason}`, () => {
    const good = sent();
    const decoded = decodeLogs(bodyOf([record, recordOf(good)], RESOURCE));
    assert.deepEqual(decoded, { facts: [good], rejected: 1, reason: `1 record: ${reason}` });
  });
}

test('an attribute of 64 levels is no error', () => {
  for (const value of [nested(64), { kvlistValue: { values: [{ key: 'k', value: nested(63) }] } }]) {
    assert.equal(decodeLogs(bodyOf([withAttribute('somebody.elses', value)])).rejected, 0);
  }
});

test('reasons are counted, and the first three are told', () => {
  const { hop, late, kind } = {
    hop: withAttribute('waybill.hop', { intValue: 'x' }),
    late: withAttribute('waybill.late', { intValue: 1 }),
    kind: { ...recordOf(sent()), eventName: 'waybill.new' },
  };
  assert.deepEqual(decodeLogs(bodyOf([hop, hop, late, kind, 'text'])), {
    facts: [],
    rejected: 5,
    reason:
      '2 records: waybill.hop is not a whole number; 1 record: waybill.late is not true or false; 1 record: its kind is not known; and 1 more reasons',
  });
});

test('attributes named like parts of JavaScript change no prototype', () => {
  const hostile = [
    'waybill.__proto__.polluted',
    '__proto__',
    'waybill.constructor.prototype.polluted',
    'waybill.gap.__proto__.x',
  ];
  const attributes = hostile.flatMap((key) => [{ key, value: { stringValue: 'yes' } }]);
  const record = { ...recordOf(sent()), attributes: [...(recordOf(sent()).attributes as object[]), ...attributes] };
  const body = new TextDecoder()
    .decode(bodyOf([record]))
    .replace('{"resource"', '{"__proto__":{"polluted":1},"resource"');
  const { facts, rejected } = decodeLogs(new TextEncoder().encode(body));
  assert.equal(rejected, 0);
  assert.equal((facts[0] as unknown as Record<string, unknown>)['polluted'], undefined);
  for (const prototype of [Object.prototype, Array.prototype, Function.prototype])
    assert.ok(!('polluted' in prototype));
});

const UNREADABLE: readonly [why: string, body: string | Uint8Array][] = [
  ['it is not JSON', '{'],
  ['it is not JSON', ''],
  ['it is not UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
  ['it is nested more than 512 levels deep', '['.repeat(100_000)],
  ['it is nested more than 512 levels deep', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
  ['what holds "resourceLogs" is no object', '[]'],
  ['what holds "resourceLogs" is no object', 'null'],
  ['"resourceLogs" is no list', '{"resourceLogs":{}}'],
  ['what holds "scopeLogs" is no object', '{"resourceLogs":[1]}'],
  ['"logRecords" is no list', '{"resourceLogs":[{"scopeLogs":[{"logRecords":"x"}]}]}'],
];

for (const [why, body] of UNREADABLE) {
  test(`a body is refused as a whole: ${why}, ${body.slice(0, 12)}`, () => {
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    assert.throws(() => decodeLogs(bytes), { code: 'BODY_UNREADABLE', message: `the body cannot be read: ${why}` });
  });
}

test('brackets inside strings are no levels', () => {
  const text = `\\"${'['.repeat(600)}\\\\`;
  const body = new TextEncoder().encode(`{"other":"${text}","resourceLogs":[]}`);
  assert.deepEqual(decodeLogs(body), { facts: [], rejected: 0 });
});

function withAttribute(key: string, value: object): TestRecord {
  const record = recordOf(sent());
  return { ...record, attributes: [...(record.attributes as object[]), { key, value }] };
}

function lacking(key: string): [string, TestRecord] {
  const record = recordOf(sent());
  const attributes = (record.attributes as { key: string }[]).filter((each) => each.key !== key);
  return [`${key} is missing`, { ...record, attributes }];
}

/** A value of so many levels: lists in lists, with a string in the innermost. */
function nested(levels: number): object {
  let value: object = { stringValue: 'deep' };
  for (let level = 1; level < levels; level++) value = { arrayValue: { values: [value] } };
  return value;
}
