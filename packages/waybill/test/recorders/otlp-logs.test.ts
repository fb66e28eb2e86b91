import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fact } from '../../src/core/facts.ts';
import { encodeLogs } from '../../src/recorders/otlp-logs.ts';
import { NOW, TRACE_ID } from '../known-waybill.ts';
import { aFact } from './a-fact.ts';

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const int = (key: string, value: number) => ({ key, value: { intValue: String(value) } });
const flag = (key: string, boolValue: boolean) => ({ key, value: { boolValue } });
const list = (key: string, ...values: string[]) => ({
  key,
  value: { arrayValue: { values: values.map((stringValue) => ({ stringValue })) } },
});

/** The one record of a fact, apart from its resource. */
function recordOf(fact: Fact) {
  return JSON.parse(encodeLogs([fact])).resourceLogs[0].scopeLogs[0].logRecords[0];
}

const common = {
  fact_id: 'fct_1',
  at: NOW,
  service: 'checkout',
  instance: 'checkout-1',
  seq: 7,
  version: '1.2.3',
  message_id: 'msg_9',
  correlation_id: 'req_7',
  causation_id: 'msg_8',
  correlations: ['req_1', 'req_2'],
  foreign: { correlation_id: 'theirs', issuer: 'nservicebus' },
  hop: 3,
  trace_id: TRACE_ID,
  origin_trace_id: 'a'.repeat(32),
  span_id: '00f067aa0ba902b7',
  tenant_id: 'tenant_42',
  operation: 'checkout',
  event_type: 'order.created',
  business_key: 'order:1',
  saga_id: 'saga_1',
  system: 'pg_boss',
  destination: 'orders',
  subscription: 'billing',
  broker_id: '17',
  bindings: '{"plan":"gold"}',
};
const COMMON = [
  text('waybill.fact_id', 'fct_1'),
  int('waybill.seq', 7),
  text('waybill.message_id', 'msg_9'),
  text('waybill.correlation_id', 'req_7'),
  text('waybill.causation_id', 'msg_8'),
  list('waybill.correlations', 'req_1', 'req_2'),
  text('waybill.foreign.correlation_id', 'theirs'),
  text('waybill.foreign.issuer', 'nservicebus'),
  int('waybill.hop', 3),
  text('waybill.origin_trace_id', 'a'.repeat(32)),
  text('waybill.tenant_id', 'tenant_42'),
  text('waybill.operation', 'checkout'),
  text('waybill.event_type', 'order.created'),
  text('waybill.business_key', 'order:1'),
  text('waybill.saga_id', 'saga_1'),
  text('messaging.system', 'pg_boss'),
  text('messaging.destination.name', 'orders'),
  text('messaging.destination.subscription.name', 'billing'),
  text('messaging.message.id', '17'),
  text('waybill.bindings', '{"plan":"gold"}'),
];

const grouping = { id: 'fan_1', index: 0, count: 2 };
const groupingAs = (name: string) => [
  text(`waybill.${name}.id`, 'fan_1'),
  int(`waybill.${name}.index`, 0),
  int(`waybill.${name}.count`, 2),
];

const creation = {
  by_execution_id: 'exe_6',
  created_at: NOW - 2,
  not_before: NOW + 5,
  due_at: NOW + 6,
  dedup_key: 'once',
  fanout: grouping,
  flow: { id: 'flow_1', role: 'parent', awaits: ['msg_1', 'msg_2'] },
  in_reply_to: 'msg_3',
  replay_of: 'msg_4',
  schedule_id: 'nightly',
  continued_from: 'req_5',
  late: true,
} as const;
const CREATION = [
  text('waybill.by_execution_id', 'exe_6'),
  int('waybill.created_at', NOW - 2),
  int('waybill.not_before', NOW + 5),
  int('waybill.due_at', NOW + 6),
  text('waybill.dedup_key', 'once'),
  ...groupingAs('fanout'),
  text('waybill.flow.id', 'flow_1'),
  text('waybill.flow.role', 'parent'),
  list('waybill.flow.awaits', 'msg_1', 'msg_2'),
  text('waybill.in_reply_to', 'msg_3'),
  text('waybill.replay_of', 'msg_4'),
  text('waybill.schedule_id', 'nightly'),
  text('waybill.continued_from', 'req_5'),
  flag('waybill.late', true),
];

const CASES: [fact: Fact, own: object[]][] = [
  [{ kind: 'created', ...common, ...creation }, CREATION],
  [{ kind: 'sent', ...common, status: 'duplicate', ...creation }, [text('waybill.status', 'duplicate'), ...CREATION]],
  [
    {
      kind: 'started',
      ...common,
      execution_id: 'exe_1',
      attempt: 2,
      max_attempts: 5,
      delivery_count: 3,
      redelivered: false,
      enqueued_at: NOW - 9,
      received_at: NOW - 1,
      lease_until: NOW + 9,
      trace_mode: { mode: 'L', reason: 'retry' },
      batch: grouping,
      schedule_id: 'nightly',
      due_at: NOW,
      dead_lettered: true,
      released_by: 'msg_5',
      plan_id: 'plan_1',
      replay: 'operator',
    },
    [
      text('waybill.execution_id', 'exe_1'),
      int('waybill.attempt', 2),
      int('waybill.max_attempts', 5),
      int('waybill.delivery_count', 3),
      flag('waybill.redelivered', false),
      int('waybill.enqueued_at', NOW - 9),
      int('waybill.received_at', NOW - 1),
      int('waybill.lease_until', NOW + 9),
      text('waybill.trace_mode.mode', 'L'),
      text('waybill.trace_mode.reason', 'retry'),
      ...groupingAs('batch'),
      text('waybill.schedule_id', 'nightly'),
      int('waybill.due_at', NOW),
      flag('waybill.dead_lettered', true),
      text('waybill.released_by', 'msg_5'),
      text('waybill.plan_id', 'plan_1'),
      text('waybill.replay', 'operator'),
    ],
  ],
  [
    {
      kind: 'settled',
      ...common,
      execution_id: 'exe_1',
      attempt: 2,
      ended_at: NOW - 1,
      by: 'throw',
      outcome: 'retry',
      error: { type: 'TypeError', message: 'broken\n"', fingerprint: 'f_1' },
      retry_at: NOW + 5,
    },
    [
      text('waybill.execution_id', 'exe_1'),
      int('waybill.attempt', 2),
      int('waybill.ended_at', NOW - 1),
      text('waybill.by', 'throw'),
      text('waybill.outcome', 'retry'),
      text('error.type', 'TypeError'),
      text('waybill.error.message', 'broken\n"'),
      text('waybill.error.fingerprint', 'f_1'),
      int('waybill.retry_at', NOW + 5),
    ],
  ],
  [
    {
      kind: 'gap',
      ...common,
      gap: { reason: 'no_context', missing: ['waybill', 'traceparent'], edge: { from: null, to: 'orders' } },
    },
    [
      text('waybill.gap.reason', 'no_context'),
      list('waybill.gap.missing', 'waybill', 'traceparent'),
      text('waybill.gap.edge.to', 'orders'),
    ],
  ],
  [
    { kind: 'discarded', ...common, how: 'cancelled', actor: 'ops' },
    [text('waybill.how', 'cancelled'), text('waybill.actor', 'ops')],
  ],
  [
    { kind: 'replayed', ...common, actor: 'ops', reason: 'fixed', plan_id: 'plan_1', new_message_id: 'msg_10' },
    [
      text('waybill.actor', 'ops'),
      text('waybill.reason', 'fixed'),
      text('waybill.plan_id', 'plan_1'),
      text('waybill.new_message_id', 'msg_10'),
    ],
  ],
];

for (const [fact, own] of CASES) {
  test(`every field of a ${fact.kind} fact has its place in the record`, () => {
    assert.deepEqual(recordOf(fact), {
      timeUnixNano: `${NOW}000000`,
      observedTimeUnixNano: `${NOW}000000`,
      severityNumber: 9,
      eventName: `waybill.${fact.kind}`,
      traceId: TRACE_ID,
      spanId: '00f067aa0ba902b7',
      attributes: [text('waybill.kind', fact.kind), ...COMMON, ...own],
    });
  });
}

test('a fact that tells of dropped ones belongs to no message and no trace', () => {
  const fact: Fact = {
    kind: 'dropped',
    fact_id: 'fct_1',
    at: NOW,
    service: 'checkout',
    instance: 'checkout-1',
    count: 12,
    since: NOW - 5,
    why: 'buffer full',
  };
  assert.deepEqual(recordOf(fact), {
    timeUnixNano: `${NOW}000000`,
    observedTimeUnixNano: `${NOW}000000`,
    severityNumber: 9,
    eventName: 'waybill.dropped',
    attributes: [
      text('waybill.kind', 'dropped'),
      text('waybill.fact_id', 'fct_1'),
      int('waybill.count', 12),
      int('waybill.since', NOW - 5),
      text('waybill.why', 'buffer full'),
    ],
  });
});

test('what is absent or null is no attribute', () => {
  const keys = recordOf(aFact(1, { version: undefined, late: undefined })).attributes.map(
    ({ key }: { key: string }) => key,
  );
  assert.deepEqual(keys, [
    'waybill.kind',
    'waybill.status',
    'waybill.fact_id',
    'waybill.seq',
    'waybill.message_id',
    'waybill.correlation_id',
    'messaging.system',
    'messaging.destination.name',
  ]);
});

test('the same field with another value is written anew', () => {
  const facts = ['a', 'b', 'a', '', 'b'].map((destination, at) => aFact(at, { destination }));
  const { logRecords } = JSON.parse(encodeLogs(facts)).resourceLogs[0].scopeLogs[0];
  const destinations = logRecords.map(
    (record: { attributes: { key: string; value: { stringValue: string } }[] }) =>
      record.attributes.find(({ key }) => key === 'messaging.destination.name')?.value.stringValue,
  );
  assert.deepEqual(destinations, ['a', 'b', 'a', '', 'b']);
});

test('facts of one instance and version share a resource, wherever they stand in the batch', () => {
  const facts = [
    aFact(1),
    aFact(2, { instance: 'checkout-2' }),
    aFact(3),
    aFact(4, { version: '2' }),
    aFact(5, { service: 'billing' }),
    aFact(6, { instance: 'checkout-2' }),
  ];
  const { resourceLogs } = JSON.parse(encodeLogs(facts));
  const resourceOf = (service: string, instance: string, version?: string) => [
    text('service.name', service),
    text('service.instance.id', instance),
    ...(version === undefined ? [] : [text('service.version', version)]),
  ];
  const seen = resourceLogs.map(
    (group: {
      resource: { attributes: object[] };
      scopeLogs: { scope: object; logRecords: { attributes: object[] }[] }[];
    }) => [
      group.resource.attributes,
      group.scopeLogs.map(({ scope }) => scope),
      group.scopeLogs[0]?.logRecords.map(({ attributes }) => attributes[2]),
    ],
  );
  const ids = (...numbers: number[]) => numbers.map((number) => text('waybill.fact_id', `fct_${number}`));
  assert.deepEqual(seen, [
    [resourceOf('checkout', 'checkout-1'), [{ name: 'waybill' }], ids(1, 3)],
    [resourceOf('checkout', 'checkout-2'), [{ name: 'waybill' }], ids(2, 6)],
    [resourceOf('checkout', 'checkout-1', '2'), [{ name: 'waybill' }], ids(4)],
    [resourceOf('billing', 'checkout-1'), [{ name: 'waybill' }], ids(5)],
  ]);
});

test('text of any letters is JSON, in ASCII', () => {
  const hostile = 'a"\\\n\u0000\u001b[31m\u202e😀\ud800';
  const encoded = encodeLogs([aFact(1, { tenant_id: hostile, service: hostile, instance: hostile, version: hostile })]);
  assert.match(encoded, /^[\x20-\x7e]*$/);
  assert.ok(JSON.stringify(JSON.parse(encoded)).includes(JSON.stringify(hostile).slice(1, -1)));
});

test('a number that OTLP has no integer for is left out, and does not spoil the request', () => {
  for (const number of [Number.NaN, Number.POSITIVE_INFINITY, 1e300]) {
    const { attributes } = recordOf(aFact(1, { not_before: number, due_at: 5.9 }));
    assert.deepEqual(attributes.at(-1), int('waybill.due_at', 5));
    assert.ok(!JSON.stringify(attributes).includes('not_before'));
  }
});
