import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dialect } from '../../src/core/dialect.ts';
import { foreignEnvelope } from '../../src/core/dialect.ts';
import { bind, logFields } from '../../src/core/scope.ts';
import { createWaybill } from '../../src/core/waybill.ts';
import { readHeaders, writeHeaders } from '../../src/layouts/headers.ts';
import { writePayloadField } from '../../src/layouts/payload-field.ts';
import { anEnvelope, type KnownWaybill, knownWaybill, TRACEPARENT } from '../known-waybill.ts';

const EDGE = { operation: 'checkout', tenantId: 'tenant_42' };

function sendTo(known: KnownWaybill, destination: string, kind?: 'event') {
  return known.waybill.ingress(EDGE, () => {
    bind({ plan: 'gold' });
    return known.waybill.produce({ system: 'kafka', destination, kind }, (envelope) => envelope);
  });
}

test('a destination outside our systems gets nothing, and the send is recorded all the same', () => {
  const known = knownWaybill({ destinations: { 'partner.events': { trust: 'external' } } });
  const envelope = sendTo(known, 'partner.events');
  assert.deepEqual(writeHeaders(envelope, {}), {});
  assert.deepEqual(writePayloadField(envelope, { id: 1 }), { id: 1 });
  const [sent] = known.of('sent');
  assert.deepEqual([sent?.message_id, sent?.correlation_id, sent?.destination], ['msg_1', 'req_1', 'partner.events']);
  assert.deepEqual(known.of('gap'), []);
});

test('what comes from a public or an external destination is believed in nothing', () => {
  for (const trust of ['public', 'external'] as const) {
    const known = knownWaybill({ destinations: { inbox: { trust } } });
    const envelope = anEnvelope({
      traceHeaders: { traceparent: TRACEPARENT, baggage: 'waybill.correlation_id=req_0' },
    });
    const delivery = { system: 'kafka', destination: 'inbox', envelope, brokerId: '1' };
    const sent = known.waybill.consume(delivery, () => {
      assert.equal('plan' in logFields(), false);
      return known.waybill.produce({ system: 'kafka', destination: 'mails' }, (made) => made);
    });
    const [started] = known.of('started');
    assert.deepEqual(
      [started?.tenant_id, started?.causation_id, started?.foreign, started?.trace_mode],
      [null, null, { correlation_id: 'req_7' }, { mode: 'L', reason: 'untrusted edge' }],
    );
    assert.equal(started?.correlation_id, started?.message_id);
    assert.deepEqual(
      known.of('gap').map(({ gap }) => [gap.reason, gap.missing]),
      [['untrusted', []]],
    );
    assert.ok(!/req_7|req_0|tenant_42|gold/.test(JSON.stringify(sent)), JSON.stringify(sent));
  }
});

test('a public destination believes no baggage either, and what carries nothing is an ordinary stranger', () => {
  const known = knownWaybill({ destinations: { inbox: { trust: 'public' } } });
  const delivery = { system: 'kafka', destination: 'inbox' };
  known.waybill.consume({ ...delivery, envelope: { traceHeaders: {}, correlationId: 'req_0' } }, () => {});
  known.waybill.consume({ ...delivery, envelope: 'absent' }, () => {});
  const [named, absent] = known.of('started');
  assert.equal(named?.correlation_id, named?.message_id);
  assert.deepEqual(
    known.of('gap').map(({ gap }) => gap.reason),
    ['untrusted', 'no_context'],
  );
  assert.equal(absent?.trace_mode.mode, 'root');
});

test('one delivery may be public where its destination is not, and the other way', () => {
  const known = knownWaybill({ destinations: { inbox: { trust: 'public' } } });
  const open = (destination: string, trust: 'public' | 'trusted') =>
    known.waybill.consume(
      { system: 'kafka', destination, envelope: anEnvelope(), trust },
      ({ context }) => context.correlationId,
    );
  assert.equal(open('inbox', 'trusted'), 'req_7');
  assert.notEqual(open('orders', 'public'), 'req_7');
});

test('a copy of an event in a public queue is believed in nothing, whatever event it calls itself', () => {
  const known = knownWaybill({ destinations: { 'inbox.copy': { trust: 'public' } } });
  const delivery = { system: 'pg_boss', destination: 'orders', subscription: 'inbox.copy', envelope: anEnvelope() };
  assert.notEqual(
    known.waybill.consume(delivery, ({ context }) => context.correlationId),
    'req_7',
  );
});

test('an event may be a child, and a command a link, where the destination says so', () => {
  const known = knownWaybill({ destinations: { near: { trace: 'P' }, far: { trace: 'L' } } });
  const near = sendTo(known, 'near', 'event');
  const far = sendTo(known, 'far');
  assert.deepEqual([near.traceMode, near.traceReason], ['P', 'configured']);
  assert.deepEqual([far.traceMode, far.traceReason], ['L', 'configured']);
  known.waybill.consume({ system: 'kafka', destination: 'near', envelope: near }, () => {});
  assert.deepEqual(known.of('started').at(-1)?.trace_mode, { mode: 'P', reason: 'configured' });
});

test('a receiver may turn its senders’ children into links, and never the other way', () => {
  const modeAt = (trace: 'P' | 'L', traceMode: 'P' | 'L', attempt?: number) => {
    const known = knownWaybill({ destinations: { orders: { trace } } });
    const envelope = anEnvelope({ traceMode, traceHeaders: { traceparent: TRACEPARENT } });
    known.waybill.consume({ system: 'kafka', destination: 'orders', envelope, attempt }, () => {});
    return known.of('started')[0]?.trace_mode;
  };
  assert.deepEqual(modeAt('L', 'P'), { mode: 'L', reason: 'configured' });
  assert.deepEqual(modeAt('P', 'L')?.mode, 'L');
  assert.deepEqual(modeAt('P', 'P', 2), { mode: 'L', reason: 'retry' });
});

test('a root stays a root where links are wanted: nothing is there that a link could lead to', () => {
  const known = knownWaybill({ destinations: { orders: { trace: 'L' } } });
  known.waybill.consume({ system: 'kafka', destination: 'orders', envelope: 'absent' }, () => {});
  assert.deepEqual(known.of('started')[0]?.trace_mode, { mode: 'root', reason: 'no_context' });
});

const TICKETS: Dialect = {
  name: 'tickets',
  read: ({ ticket }, traceHeaders) =>
    typeof ticket === 'string'
      ? foreignEnvelope(
          {
            messageId: ticket,
            correlationId: `${ticket}-root`,
            foreign: { correlation_id: ticket, issuer: 'tickets' },
          },
          traceHeaders,
        )
      : null,
  write: ({ messageId }) => ({ ticket: messageId }),
};
const BROKEN: Dialect = {
  name: 'broken',
  read: () => {
    throw new Error('no idea');
  },
  write: () => {
    throw new Error('no idea');
  },
};

test('a foreign system’s own headers are understood where no waybill came, and a waybill goes before them', () => {
  const known = knownWaybill({ dialects: [BROKEN, TICKETS] });
  const open = (carrier: Record<string, string>) =>
    known.waybill.consume(
      { system: 'kafka', destination: 'orders', envelope: readHeaders(carrier), carrier },
      ({ context }) => [context.messageId, context.correlationId],
    );
  assert.deepEqual(open({ ticket: 'T-1' }), ['T-1', 'T-1-root']);
  assert.deepEqual(open({ ticket: 'T-1', waybill: writeHeaders(anEnvelope(), {})['waybill'] ?? '' }), [
    'msg_9',
    'req_7',
  ]);
  assert.deepEqual(known.of('gap'), []);
  const [foreign] = known.of('started');
  assert.deepEqual(foreign?.foreign, { correlation_id: 'T-1', issuer: 'tickets' });
  assert.deepEqual(foreign?.trace_mode, { mode: 'root', reason: 'no span id' });
  open({ other: '1' });
  assert.equal(known.of('gap').length, 1);
});

test('a destination’s foreign reader gets its own headers beside ours, and a dialect that fails takes nothing away', () => {
  const known = knownWaybill({ destinations: { desk: { dialect: TICKETS }, odd: { dialect: BROKEN } } });
  assert.equal(writeHeaders(sendTo(known, 'desk'), {})['ticket'], 'msg_1');
  assert.ok('waybill' in writeHeaders(sendTo(known, 'odd'), {}));
});

const MISTAKES: [what: string, options: object, message: RegExp][] = [
  ['a word that is no trust', { destinations: { a: { trust: 'extern' } } }, /OPTION_INVALID: destination "a".*"trust"/],
  ['a mistyped policy', { destinations: { a: { trsut: 'public' } } }, /OPTION_UNKNOWN.*Did you mean "trust"/],
  ['root, which is nobody’s wish', { destinations: { a: { trace: 'root' } } }, /OPTION_INVALID.*"trace"/],
  ['a dialect without a reader', { destinations: { a: { dialect: { name: 'x' } } } }, /OPTION_INVALID.*"dialect"/],
  ['a policy that is no object', { destinations: { a: 'public' } }, /OPTION_INVALID.*an object/],
  ['destinations in a list', { destinations: [] }, /OPTION_INVALID.*"destinations"/],
  ['dialects that are names', { dialects: ['celery'] }, /OPTION_INVALID.*"dialects"/],
  ['an empty namespace', { namespace: '' }, /OPTION_INVALID.*"namespace"/],
];

for (const [what, options, message] of MISTAKES) {
  test(`${what} is an error when the instance is made`, () => {
    assert.throws(() => createWaybill({ service: 'checkout', ...options }), { message });
  });
}
