import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createWaybill, memoryRecorder, type TraceHeaders } from 'waybill';
import type { Span, SpanContext } from '../../src/ingest/spans/span.ts';
import { storeGraph } from '../../src/questions/graph/store-graph.ts';
import { why } from '../../src/questions/why/chain.ts';
import { openDerivation } from '../../src/server/derivation.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { FactReader } from '../../src/store/store.ts';
import { hexId, spansOf, type ToldSpan } from '../ingest/spans/made-spans.ts';

/** Services with Waybill, and spans of services without: what both send to one ledger. */
function ledgerOf(context: TestContext) {
  const store = openSqliteStore({ path: ':memory:' });
  context.after(() => store.close());
  const recorder = memoryRecorder();
  let at = 10_000;
  const derivation = openDerivation(store, assert.ifError, { now: () => at });
  return {
    service: (name: string, originateTrace = false) =>
      createWaybill({ service: name, instance: `${name}-1`, recorder, originateTrace, clock: () => 10_000 }),
    async hear(...spans: readonly Span[]) {
      await derivation.take(spans);
      await store.append(recorder.facts);
      for (; at < 100_000; at += 1_000) await derivation.run();
    },
    /** What led to a message, by types or where it went, and how sure it is that each led to the next. */
    async chain(messageId: string | undefined): Promise<string[] | undefined> {
      const graph = (reader: FactReader) => storeGraph(reader, { asOf: 1_000_000 });
      const answer = await store.read((reader) => why(graph(reader), messageId ?? ''));
      return answer?.causes.map(({ event_type, destination, evidence }) => `${event_type ?? destination} ${evidence}`);
    },
    messageAt: async ({ trace_id, span_id }: SpanContext) =>
      (await store.read((reader) => reader.messagesAt(trace_id, span_id, 1)))[0],
  };
}

function spanOf(told: ToldSpan): Span {
  const [span] = spansOf([{ at: 10_100, ...told }]);
  if (span === undefined) throw new Error('no span was told');
  return span;
}

/** The span that a header names. */
function contextOf({ traceparent = '' }: TraceHeaders): SpanContext {
  const [, trace_id = '', span_id = ''] = traceparent.split('-');
  return { trace_id, span_id };
}

function queued(destination: string, id: string, operation: string) {
  return {
    'messaging.system': 'rabbitmq',
    'messaging.destination.name': destination,
    'messaging.message.id': id,
    'messaging.operation.type': operation,
  };
}

const MAIL = spanOf({
  ...{ name: 'mail', trace: 'u', parent: 'handle', kind: 'PRODUCER', service: 'mailer' },
  attributes: queued('mails', '2', 'publish'),
});
const HANDLE = spanOf({
  ...{ name: 'handle', trace: 'u', kind: 'CONSUMER', service: 'mailer' },
  attributes: queued('orders', '1', 'process'),
});

test('what a consumer without Waybill sends is led back to a sender with it, by the span on the message', async (context) => {
  const { service, hear, chain, messageAt } = ledgerOf(context);
  const shop = service('shop', true);
  const sent = await shop.ingress({ operation: 'checkout', eventType: 'POST /orders' }, () =>
    shop.produce({ system: 'rabbitmq', destination: 'orders', eventType: 'order.created' }, async (made) => made),
  );
  await hear({ ...HANDLE, links: [contextOf(sent.traceHeaders)] }, MAIL);
  assert.deepEqual(await chain(await messageAt(MAIL)), [
    'POST /orders observed',
    'order.created inferred',
    'mails inferred',
  ]);
});

test('without a span on the message it is led back by the id that its broker gave it', async (context) => {
  const { service, hear, chain, messageAt } = ledgerOf(context);
  const shop = service('shop');
  await shop.ingress({ operation: 'checkout', eventType: 'POST /orders' }, () => {
    const send = { system: 'rabbitmq', destination: 'orders', eventType: 'order.created' };
    return shop.produce(
      send,
      async (made) => made,
      () => ({ status: 'taken', brokerId: '1' }),
    );
  });
  await hear(HANDLE, MAIL);
  assert.deepEqual(await chain(await messageAt(MAIL)), [
    'POST /orders observed',
    'order.created inferred',
    'orders inferred',
    'mails inferred',
  ]);
});

test('what a consumer with Waybill sends is led back to a producer without it', async (context) => {
  const { service, hear, chain } = ledgerOf(context);
  const request = spanOf({ name: 'request', kind: 'SERVER', service: 'web' });
  const order = spanOf({
    ...{ name: 'order', parent: 'request', kind: 'PRODUCER', service: 'web' },
    attributes: queued('exchange', '', 'send'),
  });
  const mailer = service('mailer');
  const traceparent = `00-${order.trace_id}-${order.span_id}-01`;
  const delivery = {
    system: 'rabbitmq',
    destination: 'orders',
    brokerId: '1',
    envelope: { traceHeaders: { traceparent } },
  };
  const sent = await mailer.consume({ ...delivery, eventType: 'order.created' }, () =>
    mailer.produce({ system: 'rabbitmq', destination: 'mails', eventType: 'mail.wanted' }, async (made) => made),
  );
  await hear(request, order);
  assert.deepEqual(await chain(sent.messageId), [
    'POST /orders inferred',
    'exchange inferred',
    'order.created observed',
    'mail.wanted observed',
  ]);
});

test('a request to a service without Waybill is caused by what was handled at a caller with it', async (context) => {
  const { service, hear, chain, messageAt } = ledgerOf(context);
  const shop = service('shop', true);
  const sent = await shop.ingress({ operation: 'checkout', eventType: 'POST /orders' }, () =>
    shop.produce({ system: 'http', destination: 'stock', eventType: 'GET /stock' }, async (made) => made),
  );
  const { trace_id, span_id } = contextOf(sent.traceHeaders);
  const request = {
    ...spanOf({ name: 'request', kind: 'SERVER', service: 'stock' }),
    trace_id,
    parent_span_id: span_id,
  };
  const mail = { ...MAIL, service: 'stock', trace_id, parent_span_id: hexId('request', 16) };
  await hear(request, mail);
  assert.equal(await messageAt(request), sent.messageId);
  assert.deepEqual(await chain(await messageAt(mail)), [
    'POST /orders observed',
    'GET /stock inferred',
    'mails inferred',
  ]);
});
