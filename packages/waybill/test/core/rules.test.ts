import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Envelope } from '../../src/core/envelope.ts';
import { RULES, type Rule, type Situation } from '../../src/core/rules.ts';
import { bind, newWorkflow } from '../../src/core/scope.ts';
import { NOW, TRACEPARENT } from '../known-waybill.ts';
import { observeBatch, observeDelivery, observeIngress, observePassedScope } from './observe-delivery.ts';
import {
  HANDLED,
  MADE_EARLIER,
  type Observed,
  observeRootSend,
  observeSend,
  observeSending,
  SEND,
} from './observe-send.ts';

const traceHeaders = { traceparent: TRACEPARENT };
const OPERATOR = { actor: 'mira', reason: 'the bank is back', planId: 'plan_1' };

/** A row as it should be, cell by cell: correlation, causation, message id, trace, because, bindings, gap. */
type Row = readonly [
  situation: string,
  correlation: Rule['correlation'],
  causation: Rule['causation'],
  messageId: Rule['messageId'],
  trace: Rule['trace'],
  traceReason: string,
  bindings: Rule['bindings'],
  gap: Rule['gap'],
];

/** The table may not change without what it describes, nor the other way. */
const CASES: Record<Situation, { readonly row: Row; readonly observe: () => Observed }> = {
  ingressPublic: {
    row: ['ingress, public edge', 'own', 'none', 'new', 'L', 'untrusted edge', 'none', null],
    observe: () => observeIngress('public'),
  },
  ingressTrusted: {
    row: ['ingress, trusted edge', 'carried', 'carried', 'carried', 'P', 'trusted edge', 'allowed', null],
    observe: () => observeIngress('trusted'),
  },
  tick: {
    row: ['cron tick', 'own', 'none', 'derived', 'root', 'schedule', 'none', null],
    observe: () => observeDelivery({ schedule: { id: 'nightly', dueAt: NOW } }),
  },
  request: {
    row: ['outgoing HTTP call', 'inherited', 'handled', 'new', 'P', 'request', 'none', null],
    observe: () => observeSend({ kind: 'request' }),
  },
  event: {
    row: ['publish an event', 'inherited', 'handled', 'new', 'L', 'event', 'snapshot', null],
    observe: () => observeSend({ kind: 'event' }),
  },
  command: {
    row: ['send a command', 'inherited', 'handled', 'new', 'P?', 'command', 'snapshot', null],
    observe: () => observeSend({}),
  },
  noScope: {
    row: ['send outside any scope', 'own', 'none', 'new', 'root', 'no_context', 'none', 'no_context'],
    observe: observeRootSend,
  },
  delayed: {
    row: ['delayed / scheduled once', 'inherited', 'handled', 'new', 'L', 'delayed', 'snapshot', null],
    observe: () => observeSend({ notBefore: NOW + 1 }),
  },
  fanout: {
    row: ['fan-out of n', 'inherited', 'handled', 'new', 'P?', 'command', 'snapshot', null],
    observe: () => observeSending(({ waybill }) => waybill.produceAll([SEND, SEND], ([first]) => first as Envelope)), // two are sent
  },
  reply: {
    row: ['request–reply', 'inherited', 'handled', 'new', 'P?', 'reply', 'snapshot', null],
    observe: () => observeSend({ kind: 'reply' }),
  },
  transform: {
    row: ['transform and forward', 'inherited', 'handled', 'new', 'L', 'transform', 'snapshot', null],
    observe: () => observeSend({ kind: 'transform' }),
  },
  outbox: {
    row: ['transactional outbox', 'inherited', 'handled', 'new', 'L', 'outbox', 'snapshot', null],
    observe: () => observeSend({ edge: 'outbox' }),
  },
  saga: {
    row: ['saga', 'inherited', 'handled', 'new', 'L', 'saga', 'snapshot', null],
    observe: () => observeSend({ sagaId: 'saga-7', notBefore: NOW + 1 }),
  },
  flow: {
    row: ['flow created up front', 'inherited', 'handled', 'new', 'L', 'flow', 'snapshot', null],
    observe: () => observeSend({ flow: { role: 'parent', awaits: ['msg_3'] } }),
  },
  childAwaited: {
    row: [
      'child added by a running parent, awaited',
      'inherited',
      'handled',
      'new',
      'P',
      'awaited child',
      'snapshot',
      null,
    ],
    observe: () => observeSend({ child: 'awaited' }),
  },
  childDetached: {
    row: [
      'child added by a running parent, not awaited',
      'inherited',
      'handled',
      'new',
      'L',
      'child',
      'snapshot',
      null,
    ],
    observe: () => observeSend({ child: 'detached' }),
  },
  newWorkflow: {
    // What is bound inside it: nothing comes in from the workflow that it continues.
    row: ['`newWorkflow()` in a handler', 'continued', 'handled', 'new', 'L', 'new workflow', 'snapshot', null],
    observe: () =>
      observeSending(({ waybill }) =>
        newWorkflow(() => {
          assert.equal(
            waybill.produce(SEND, (envelope) => envelope.bindingsJson),
            null,
          );
          bind({ plan: 'gold' });
          return waybill.produce(SEND, (envelope) => envelope);
        }),
      ),
  },
  forward: {
    row: ['forward unmodified', 'carried', 'carried', 'carried', 'L', 'forward', 'carried', null],
    observe: () => observeSend({ forward: MADE_EARLIER }),
  },
  deadLetter: {
    row: ['dead letter', 'carried', 'carried', 'carried', 'kept', '', 'carried', null],
    observe: () => observeSend({ deadLetter: MADE_EARLIER }),
  },
  replay: {
    row: ['operator replay', 'carried', 'carried', 'carried', 'L', 'replay', 'carried', null],
    observe: () => observeSend({ replay: { of: MADE_EARLIER, ...OPERATOR } }),
  },
  replayEdited: {
    row: ['operator replay, edited', 'carried', 'carried', 'edited', 'L', 'replay', 'carried', null],
    observe: () => observeSend({ replay: { of: MADE_EARLIER, ...OPERATOR, isEdited: true } }),
  },
  firstDelivery: {
    row: ['first delivery', 'carried', 'carried', 'carried', 'stamped', 'command', 'carried', null],
    observe: () => observeDelivery({ attempt: 1, redelivered: false }),
  },
  redelivery: {
    row: ['broker redelivery', 'carried', 'carried', 'carried', 'L', 'redelivery', 'carried', null],
    observe: () => observeDelivery({ redelivered: true }),
  },
  retry: {
    row: ['application retry', 'carried', 'carried', 'carried', 'L', 'retry', 'carried', null],
    observe: () => observeDelivery({ attempt: 2, redelivered: true }),
  },
  fromDeadLetter: {
    row: ['taken from a dead-letter queue', 'carried', 'carried', 'carried', 'L', 'dead letter', 'carried', null],
    observe: () => observeDelivery({ deadLettered: true, attempt: 2, redelivered: true }),
  },
  replayed: {
    row: ['delivery of an operator’s replay', 'carried', 'carried', 'carried', 'L', 'replay', 'carried', null],
    observe: () =>
      observeDelivery({ envelope: { ...HANDLED, relations: { replay: { actor: 'mira', planId: 'plan_1' } } } }),
  },
  logReplay: {
    row: ['log replay / backfill', 'carried', 'carried', 'carried', 'L', 'log replay', 'carried', null],
    observe: () => observeDelivery({ replay: 'log' }),
  },
  batch: {
    row: ['batch / fan-in', 'unanimous', 'batch', 'carried', 'L', 'batch', 'equal', 'mixed_tenants'],
    observe: observeBatch,
  },
  nothingReadable: {
    row: ['delivery with nothing readable', 'own', 'none', 'hashed', 'root', 'no_context', 'none', 'no_context'],
    observe: () => observeDelivery({ envelope: 'absent' }),
  },
  w3cOnly: {
    row: ['delivery with W3C headers alone', 'own', 'none', 'hashed', 'L', 'w3c_only', 'none', 'w3c_only'],
    observe: () => observeDelivery({ envelope: { traceHeaders } }),
  },
  partial: {
    row: [
      'delivery whose baggage alone names the workflow',
      'carried',
      'none',
      'hashed',
      'L',
      'partial',
      'none',
      'partial',
    ],
    observe: () => observeDelivery({ envelope: { traceHeaders, correlationId: 'req_7' } }),
  },
  deliveryPublic: {
    row: ['delivery, public edge', 'own', 'none', 'hashed', 'L', 'untrusted edge', 'none', 'untrusted'],
    observe: () => observeDelivery({ trust: 'public' }),
  },
  passedScope: {
    row: ['worker thread, timer, pool', 'inherited', 'carried', 'carried', 'P', 'same scope', 'snapshot', null],
    observe: observePassedScope,
  },
};

for (const [situation, { row, observe }] of Object.entries(CASES)) {
  const [name, correlation, causation, messageId, trace, traceReason, bindings, gap] = row;
  const cells = { correlation, causation, messageId, trace, traceReason, bindings, gap };
  test(`${name}: what is inherited, made and linked`, () => {
    // Sound: the record's keys are the situations.
    assert.deepEqual(RULES[situation as Situation], { situation: name, ...cells }, 'as the table says');
    assert.deepEqual(observe(), cells, 'as it is');
  });
}

test('every situation of the table has its case', () => {
  assert.deepEqual(Object.keys(RULES), Object.keys(CASES));
});

test('no two rows are of one situation', () => {
  const rows: readonly Rule[] = Object.values(RULES);
  assert.equal(new Set(rows.map(({ situation }) => situation)).size, rows.length);
});
