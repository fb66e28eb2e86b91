import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { bind } from '../../src/core/scope.ts';
import { readHeaders } from '../../src/layouts/headers.ts';
import { wrapFetch } from '../../src/web/fetch.ts';
import { anEnvelope, knownWaybill, TRACEPARENT } from '../known-waybill.ts';

/** A service of our own behind a trusted edge, which keeps the headers that came. */
const payments = knownWaybill({ service: 'payments', instance: 'payments-1' });
const seen: IncomingHttpHeaders[] = [];
let server: Server;
let origin: string;

before(async () => {
  server = createServer((request, response) => {
    seen.push(request.headers);
    const edge = { operation: 'charge', envelope: readHeaders(request.headers), trust: 'trusted' } as const;
    payments.waybill.ingress(edge, () => response.writeHead(request.url === '/down' ? 503 : 200).end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // sound: it listens on a port
});

after(() => {
  server.closeAllConnections();
  server.close();
});

const DELIVERY = {
  system: 'kafka',
  destination: 'orders',
  envelope: anEnvelope({ traceHeaders: { traceparent: TRACEPARENT } }),
};

/** What comes of a call that is made while a message is handled. */
async function called(call: (fetch: typeof globalThis.fetch) => Promise<unknown>, origins = [origin]) {
  const known = knownWaybill();
  const fetch = wrapFetch(globalThis.fetch, known.waybill, { origins });
  const from = payments.of('started').length;
  await known.waybill.consume(DELIVERY, () => {
    bind({ plan: 'platinum' });
    return call(fetch);
  });
  return { known, headers: seen.at(-1) ?? {}, arrived: payments.of('started').slice(from) };
}

test('a call to a service of ours is a request in the same workflow, and its receiver is that request', async () => {
  const { known, headers, arrived } = await called((fetch) => fetch(`${origin}/charge`, { method: 'POST' }));
  const [sent] = known.of('sent');
  assert.deepEqual(
    [sent?.message_id, sent?.causation_id, sent?.correlation_id, sent?.event_type, sent?.status, sent?.system],
    ['req_1', 'msg_9', 'req_7', 'POST', 'taken', 'http'],
  );
  assert.deepEqual(
    arrived.map((fact) => [fact.message_id, fact.causation_id, fact.correlation_id, fact.tenant_id]),
    [['req_1', 'msg_9', 'req_7', 'tenant_42']],
  );
  assert.equal(headers['traceparent'], TRACEPARENT);
  assert.ok(!JSON.stringify(headers).includes('platinum'), 'no bindings');
});

test('a call to anybody else carries nothing, and is nobody’s fact', async () => {
  const { known, headers } = await called((fetch) => fetch(`${origin}/charge`), ['https://payments.internal']);
  assert.deepEqual([headers['waybill'], headers['baggage'], headers['traceparent']], [undefined, undefined, undefined]);
  assert.deepEqual(known.of('sent'), []);
});

test('a request that is sent again by the same execution keeps its id, and in another it is another', async () => {
  const request = new Request(`${origin}/down`);
  const { known, arrived } = await called(async (fetch) => {
    await fetch(request);
    await fetch(request);
  });
  assert.deepEqual(
    arrived.map((fact) => fact.message_id),
    ['req_1', 'req_1'],
  );
  assert.deepEqual(
    known.of('sent').map((fact) => fact.message_id),
    ['req_1', 'req_1'],
  );
  const fetch = wrapFetch(globalThis.fetch, known.waybill, { origins: [origin] });
  for (const _ of ['one', 'other']) await known.waybill.consume(DELIVERY, () => fetch(request));
  const ids = known.of('sent').map((fact) => fact.message_id);
  assert.equal(new Set(ids.slice(2)).size, 2);
});

test('the app’s own headers stay, whatever form they have', async () => {
  const other = TRACEPARENT.replace('4bf9', 'aaaa');
  for (const own of [{ 'x-own': '1', traceparent: other }, new Headers({ 'x-own': '1', traceparent: other })]) {
    const { headers } = await called((fetch) => fetch(new URL('/charge', origin), { headers: own }));
    assert.deepEqual([headers['x-own'], headers['traceparent']], ['1', other]);
    assert.ok(headers['waybill'] !== undefined);
  }
  const { headers } = await called((fetch) => fetch(new Request(`${origin}/charge`, { headers: { 'x-own': '2' } })));
  assert.equal(headers['x-own'], '2');
});

test('where an instrumentation listens to the client, it writes the trace', async () => {
  const listen = () => {};
  subscribe('undici:request:create', listen);
  try {
    const { headers } = await called((fetch) => fetch(`${origin}/charge`));
    assert.deepEqual([headers['traceparent'], headers['baggage']], [undefined, 'waybill.correlation_id=req_7']);
  } finally {
    unsubscribe('undici:request:create', listen);
  }
});

test('a call that fails fails as it would, and may still have been taken', async () => {
  const known = knownWaybill();
  const down = 'http://127.0.0.1:9';
  const fetch = wrapFetch(globalThis.fetch, known.waybill, { origins: [down] });
  await assert.rejects(fetch(`${down}/x`), TypeError);
  await assert.rejects(fetch('not a url'), TypeError);
  assert.deepEqual(
    known.of('sent').map((fact) => fact.status),
    ['unknown'],
  );
});

test('a call outside every scope is the root of a workflow, and a gap', async () => {
  const known = knownWaybill();
  await wrapFetch(globalThis.fetch, known.waybill, { origins: [origin] })(`${origin}/charge`);
  assert.equal(known.of('gap')[0]?.gap.reason, 'no_context');
  assert.deepEqual([known.of('sent')[0]?.message_id, payments.of('started').at(-1)?.message_id], ['req_1', 'req_1']);
});

test('a path is told by its template, and by the method where the template fails', async () => {
  const { waybill, of } = knownWaybill();
  const call = (template: (url: URL) => string) =>
    wrapFetch(globalThis.fetch, waybill, { origins: [origin], template })(`${origin}/orders/7`);
  await call((url) => url.pathname.replace(/\d+/, '{id}'));
  await call(() => {
    throw new Error('no route');
  });
  assert.deepEqual(
    of('sent').map((fact) => fact.event_type),
    ['GET /orders/{id}', 'GET'],
  );
});

test('origins that are none are a mistake that is told at once', () => {
  const { waybill } = knownWaybill();
  for (const origins of [undefined, 'http://a', ['payments'], ['http://a/b'], [7]]) {
    assert.throws(() => wrapFetch(fetch, waybill, { origins: origins as string[] }), { message: /origins/ });
  }
});
