import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import express from 'express';
import type { Context } from '../../src/core/context.ts';
import { packWaybill } from '../../src/core/pack-waybill.ts';
import { bind, current, logFields } from '../../src/core/scope.ts';
import { type ExpressOptions, middleware } from '../../src/web/express.ts';
import { anEnvelope, type KnownWaybill, knownWaybill, TRACE_ID, TRACEPARENT } from '../known-waybill.ts';

interface Running extends KnownWaybill {
  readonly app: express.Express;
  fetch(path: string, options?: RequestInit): Promise<Response>;
  /** The answer as the handler of the test gives it. */
  ask<T = Context>(path: string, options?: RequestInit): Promise<T>;
  readonly url: string;
  /** Resolves when so many executions are settled. */
  settled(count: number): Promise<void>;
}

/** A real server with the middleware before all else, until the test is over. */
async function start(context: TestContext, options: ExpressOptions<express.Request> = {}): Promise<Running> {
  const known = knownWaybill();
  const app = express();
  app.use(middleware(known.waybill, options));
  const server: Server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  // Sound: it listens on a port, not on a pipe.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...known,
    app,
    url,
    fetch: (path, init) => fetch(`${url}${path}`, init),
    // Sound: the test that asks is the one whose handler answers.
    ask: async <T>(path: string, init?: RequestInit) => (await fetch(`${url}${path}`, init)).json() as T,
    settled: async (count) => {
      while (known.of('settled').length < count) await turn();
    },
  };
}

const settlementsOf = ({ of }: KnownWaybill) =>
  of('settled').map(({ outcome, by, error }) => [outcome, by, error?.type]);

test('a request is an ingress, told by its method and path, and done with its answer', async (context) => {
  const running = await start(context);
  running.app.get('/orders/:id', (_request, response) => void response.json(current()));
  const answer = await running.ask('/orders/17?secret=1');
  assert.deepEqual(
    [answer.messageId, answer.correlationId, answer.operation, answer.eventType, answer.tenantId],
    ['req_1', 'req_1', 'GET /orders/17', 'GET /orders/17', null],
  );
  await running.settled(1);
  assert.deepEqual(settlementsOf(running), [['ok', 'HTTP 200', undefined]]);
  assert.deepEqual(running.of('started')[0]?.trace_mode, { mode: 'L', reason: 'untrusted edge' });
});

test('the scope survives the parsing of a body, awaits, and the handlers behind each other', async (context) => {
  const running = await start(context);
  running.app.use(express.json());
  running.app.use((request, _response, next) => {
    bind({ order: request.body.order });
    setTimeout(next, 1);
  });
  running.app.post('/orders', async (_request, response) => {
    await turn();
    response.json(logFields());
  });
  const body = JSON.stringify({ order: 'ORD-1', padding: 'x'.repeat(90_000) });
  const line = await running.ask<Record<string, unknown>>('/orders', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });
  assert.deepEqual([line['message_id'], line['order'], line['operation']], ['req_1', 'ORD-1', 'POST /orders']);
});

test('below 500 a request is done; from 500 on it is dead, with its status as the error', async (context) => {
  const running = await start(context);
  running.app.get('/:status', (request, response) => void response.sendStatus(Number(request.params.status)));
  for (const status of [204, 302, 404, 499, 500, 503]) await running.fetch(`/${status}`, { redirect: 'manual' });
  await running.settled(6);
  assert.deepEqual(settlementsOf(running), [
    ['ok', 'HTTP 204', undefined],
    ['ok', 'HTTP 302', undefined],
    ['ok', 'HTTP 404', undefined],
    ['ok', 'HTTP 499', undefined],
    ['dead', 'HTTP 500', 'HttpError'],
    ['dead', 'HTTP 503', 'HttpError'],
  ]);
});

test('an unknown route is done with 404', async (context) => {
  const running = await start(context);
  assert.equal((await running.fetch('/nowhere')).status, 404);
  await running.settled(1);
  assert.deepEqual(settlementsOf(running), [['ok', 'HTTP 404', undefined]]);
});

test('what a handler throws or rejects with reaches the app’s error handler, in the request’s scope', async (context) => {
  const running = await start(context);
  const error = new TypeError('broken');
  const seen: unknown[] = [];
  running.app.get('/throw', () => {
    throw error;
  });
  running.app.get('/reject', async () => {
    await turn();
    throw error;
  });
  const onError: express.ErrorRequestHandler = (given, _request, response, _next) => {
    seen.push([given === error, current()?.messageId]);
    response.sendStatus(500);
  };
  running.app.use(onError);
  for (const path of ['/throw', '/reject']) assert.equal((await running.fetch(path)).status, 500);
  await running.settled(2);
  assert.deepEqual(seen, [
    [true, 'req_1'],
    [true, 'req_2'],
  ]);
  assert.deepEqual(
    running.of('settled').map(({ outcome }) => outcome),
    ['dead', 'dead'],
  );
});

test('a client that goes away releases the request: nothing failed', async (context) => {
  const running = await start(context);
  const reached = new Promise<void>((resolve) => {
    running.app.get('/slow', (_request, response) => {
      response.write('half');
      resolve();
    });
  });
  const request = get(`${running.url}/slow`).on('error', () => {});
  await reached;
  request.destroy();
  await running.settled(1);
  assert.deepEqual(settlementsOf(running), [['released', 'client closed', undefined]]);
});

test('an answer that is streamed is done with its last part', async (context) => {
  const running = await start(context);
  running.app.get('/stream', async (_request, response) => {
    response.write('one');
    await turn();
    assert.equal(running.of('settled').length, 0);
    assert.equal('late' in logFields(), false);
    response.end('two');
  });
  assert.equal(await (await running.fetch('/stream')).text(), 'onetwo');
  await running.settled(1);
  assert.deepEqual(settlementsOf(running), [['ok', 'HTTP 200', undefined]]);
});

test('tenant, operation and business key are what the app says of the request', async (context) => {
  const running = await start(context, {
    tenant: (request) => request.headers['x-login']?.toString(),
    operation: () => 'checkout',
    businessKey: (request) => `cart:${request.query['cart']}`,
  });
  running.app.get('/', (_request, response) => void response.json(current()));
  const answer = await running.ask('/?cart=7', { headers: { 'x-login': 'tenant_42' } });
  assert.deepEqual(
    [answer.tenantId, answer.operation, answer.businessKey, answer.eventType],
    ['tenant_42', 'checkout', 'cart:7', 'GET /'],
  );
});

test('a function of the app’s that throws or gives nonsense leaves its field out, and the request goes on', async (context) => {
  const broken = () => {
    throw new Error('no login');
  };
  const nonsense = (() => 7) as unknown as () => string;
  for (const ask of [broken, nonsense, () => '']) {
    const running = await start(context, { tenant: ask, operation: ask, businessKey: ask });
    running.app.get('/a', (_request, response) => void response.json(current()));
    const answer = await running.ask('/a');
    assert.deepEqual([answer.tenantId, answer.operation, answer.businessKey], [null, 'GET /a', null]);
  }
});

const CLAIMED = {
  waybill: packWaybill(anEnvelope({ messageId: 'req_9', tenantId: 'tenant_666' })),
  traceparent: TRACEPARENT,
  baggage: 'waybill.correlation_id=req_667',
};

test('a stranger’s waybill is believed in nothing: tenant, workflow and bindings are our own', async (context) => {
  const running = await start(context);
  running.app.get('/', (_request, response) => {
    const sent = running.waybill.produce({ system: 'nats', destination: 'orders' }, (envelope) => envelope);
    response.json([logFields(), sent]);
  });
  const answer = await (await running.fetch('/', { headers: CLAIMED })).text();
  assert.ok(!/tenant_666|req_667|req_9|req_7|gold/.test(answer), answer);
  assert.equal(JSON.parse(answer)[1].traceHeaders.traceparent, TRACEPARENT);
  assert.deepEqual(running.of('started')[0]?.foreign, { correlation_id: 'req_7' });
});

test('behind a trusted edge a request joins the workflow that sent it', async (context) => {
  const running = await start(context, { trust: 'trusted' });
  running.app.get('/', (_request, response) => void response.json(current()));
  const answer = await running.ask('/', { headers: CLAIMED });
  assert.deepEqual(
    [answer.messageId, answer.correlationId, answer.tenantId, answer.traceId],
    ['req_9', 'req_7', 'tenant_666', TRACE_ID],
  );
});

test('of a header that comes twice, traceparent names nobody and tracestate is one list', async (context) => {
  const running = await start(context, { trust: 'trusted' });
  running.app.get('/', (_request, response) => {
    const sent = running.waybill.produce({ system: 'nats', destination: 'orders' }, (envelope) => envelope);
    response.json(sent.traceHeaders);
  });
  const later = `cc${TRACEPARENT.slice(2)}-extra`;
  const list = 'a=1, b=2';
  const cases: [given: string[], expected: object][] = [
    [[TRACEPARENT], { traceparent: TRACEPARENT, tracestate: list }],
    [[TRACEPARENT, TRACEPARENT], {}],
    [[later, TRACEPARENT], {}],
  ];
  for (const [traceparent, expected] of cases) {
    const headers = { traceparent, tracestate: list.split(', ') };
    const [response] = await once(get(running.url, { headers }), 'response');
    assert.deepEqual(await json(response), expected);
  }
});

test('headers that are broken, too many or too long are a request without context', async (context) => {
  const running = await start(context, { trust: 'trusted' });
  running.app.get('/', (_request, response) => void response.json(current()));
  for (const waybill of ['{', 'x'.repeat(8500), '{"v":1}']) {
    const { correlationId } = await running.ask('/', { headers: { waybill } });
    assert.match(correlationId, /^req_\d+$/);
  }
});

test('requests at the same time see nothing of each other', async (context) => {
  const running = await start(context, { tenant: (request) => request.path.slice(1) });
  let waiting: (() => void)[] = [];
  running.app.get('/:tenant', async (request, response) => {
    bind({ own: request.params.tenant });
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 20) {
        for (const next of waiting.reverse()) next();
        waiting = [];
      }
    });
    response.json([current()?.tenantId, logFields()['own'], current()?.messageId]);
  });
  const tenants = Array.from({ length: 20 }, (_, at) => `tenant_${at}`);
  const answers = await Promise.all(tenants.map(async (tenant) => running.ask<string[]>(`/${tenant}`)));
  for (const [at, [tenant, own]] of answers.entries()) assert.deepEqual([tenant, own], [tenants[at], tenants[at]]);
  assert.equal(new Set(answers.map(([, , id]) => id)).size, 20);
});

test('a misspelled option is refused when the server is put together', () => {
  const { waybill } = knownWaybill();
  const misspelled = { tennant: () => 'a' } as object;
  assert.throws(() => middleware(waybill, misspelled), {
    code: 'OPTION_UNKNOWN',
    message: /express middleware has no option "tennant"\. Did you mean "tenant"\?/,
  });
  assert.throws(() => middleware(waybill, { trust: 'everyone' as 'public' }), { code: 'OPTION_INVALID' });
});
