import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { execFile } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { current } from '../../src/core/scope.ts';
import { type OtlpRecorderOptions, otlpRecorder } from '../../src/recorders/otlp.ts';
import { knownWaybill } from '../known-waybill.ts';
import { aFact } from './a-fact.ts';
import { type Answer, attributeValue, type Receiver, startReceiver } from './receiver.ts';

const run = promisify(execFile);

/** A recorder that is stopped with its test. */
function recorderOf(context: TestContext, options: OtlpRecorderOptions) {
  const recorder = otlpRecorder(options);
  context.after(() => recorder.close?.());
  return {
    record: (from: number, to: number) => {
      for (let number = from; number <= to; number++) recorder.record(aFact(number));
    },
    recorder,
    flush: async () => recorder.flush?.(),
    close: async () => recorder.close?.(),
  };
}

const idsFrom = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => `fct_${from + at}`);

test('facts wait for each other, and go as one request to /v1/logs', async (context) => {
  const receiver = await startReceiver(context);
  const { record } = recorderOf(context, { url: receiver.url, flushMs: 5 });
  record(1, 3);
  const { path, headers, records } = await receiver.request(1);
  assert.deepEqual([path, headers['content-type'], headers.authorization], ['/v1/logs', 'application/json', undefined]);
  assert.deepEqual(
    records.map((one) => attributeValue(one, 'waybill.fact_id')),
    idsFrom(1, 3),
  );
  assert.equal(receiver.requests.length, 1);
});

test('a full batch goes at once, in requests of at most the batch’s size, in order', async (context) => {
  const receiver = await startReceiver(context);
  const { record, flush } = recorderOf(context, { url: receiver.url, flushMs: 60_000, batchMax: 10 });
  record(1, 25);
  await receiver.request(1);
  await flush();
  assert.deepEqual(
    receiver.requests.map(({ records }) => records.length),
    [10, 10, 5],
  );
  assert.deepEqual(receiver.deliveredIds(), idsFrom(1, 25));
});

test('an address with a path, with or without the end of it, is asked there', async (context) => {
  const receiver = await startReceiver(context);
  for (const path of ['/collector', '/collector/', '/collector/v1/logs']) {
    const { record, flush } = recorderOf(context, { url: `${receiver.url}${path}` });
    record(1, 1);
    await flush();
    assert.equal(receiver.requests.at(-1)?.path, '/collector/v1/logs');
  }
});

test('the token is sent as a bearer’s, without the line break that files end in', async (context) => {
  const receiver = await startReceiver(context);
  const { record, flush } = recorderOf(context, { url: receiver.url, token: 's3cret\n' });
  record(1, 1);
  await flush();
  assert.equal(receiver.requests[0]?.headers.authorization, 'Bearer s3cret');
});

test('a token that no header may hold is refused, and not shown', () => {
  for (const token of ['two words', 'é', 'a\nb', 'a\u0000'])
    assert.throws(
      () => otlpRecorder({ token }),
      ({ code, message }: Error & { code?: string }) => {
        return code === 'OPTION_INVALID' && message.includes('"token"') && !message.includes(token);
      },
    );
});

test('an address that is none is refused', () => {
  for (const url of ['localhost:7733', 'ftp://localhost', '/v1/logs', 'no address'])
    assert.throws(() => otlpRecorder({ url }), {
      code: 'OPTION_INVALID',
      message: /"url" to be an http or https address/,
    });
});

test('address and token are read from the environment where none are given', async (context) => {
  const receiver = await startReceiver(context);
  const script = `import { otlpRecorder } from 'waybill';
    const recorder = otlpRecorder();
    recorder.record(${JSON.stringify(aFact(1))});
    await recorder.close();`;
  await child(script, { WAYBILL_URL: receiver.url, WAYBILL_TOKEN: 'from-env\n' });
  assert.deepEqual(receiver.deliveredIds(), ['fct_1']);
  assert.equal(receiver.requests[0]?.headers.authorization, 'Bearer from-env');
});

const LATER: (Answer & { readonly why: string })[] = [
  { why: 'is overloaded', status: 503 },
  { why: 'asks for patience', status: 429, headers: { 'retry-after': '0' } },
  { why: 'took too long', status: 408 },
  { why: 'is broken', status: 500 },
];

for (const { why, ...answer } of LATER) {
  test(`a receiver that ${why} (${answer.status}) gets the same batch again, and then the rest`, async (context) => {
    const receiver = await startReceiver(context);
    receiver.answer = answer;
    const { record, flush } = recorderOf(context, { url: receiver.url, flushMs: 1, batchMax: 2 });
    record(1, 5);
    await receiver.request(1);
    receiver.answer = { status: 200 };
    await receiver.request(2);
    await flush();
    assert.deepEqual(receiver.requests[0]?.records, receiver.requests[1]?.records);
    assert.deepEqual(receiver.deliveredIds(), idsFrom(1, 5));
    assert.equal(receiver.droppedCount(), 0);
  });
}

test('without any receiver facts wait, and are all there once one listens', async (context) => {
  const reserved = createServer().listen(0, '127.0.0.1');
  await once(reserved, 'listening');
  const { port } = reserved.address() as { port: number };
  reserved.close();
  await once(reserved, 'close');
  const { record, flush } = recorderOf(context, { url: `http://127.0.0.1:${port}`, flushMs: 1 });
  record(1, 3);
  await flush();
  record(4, 5);
  const receiver = await startReceiverAt(context, port);
  await flush();
  assert.deepEqual(receiver.deliveredIds(), idsFrom(1, 5));
});

/** The receiver at an address that a recorder already asks. */
async function startReceiverAt(context: TestContext, port: number): Promise<Receiver> {
  const receiver = await startReceiver(context);
  const target = new URL(receiver.url);
  const { connect } = await import('node:net');
  const relay = createServer((socket) => {
    const onward = connect(Number(target.port), target.hostname);
    socket.pipe(onward).pipe(socket);
    for (const end of [socket, onward]) end.on('error', () => socket.destroy());
  }).listen(port, '127.0.0.1');
  await once(relay, 'listening');
  context.after(() => relay.close());
  return receiver;
}

test('what a receiver refuses is not sent again: it is counted, and told', async (context) => {
  const receiver = await startReceiver(context);
  receiver.answer = { status: 400 };
  const { record, flush } = recorderOf(context, { url: receiver.url, flushMs: 60_000 });
  record(1, 3);
  await flush();
  receiver.answer = { status: 200 };
  record(4, 4);
  await flush();
  assert.equal(receiver.requests.length, 2);
  assert.deepEqual(receiver.deliveredIds(), ['fct_4']);
  const told = receiver.requests[1]?.records.find(({ eventName }) => eventName === 'waybill.dropped');
  assert.ok(told);
  assert.deepEqual(
    [attributeValue(told, 'waybill.count'), attributeValue(told, 'waybill.why')],
    ['3', 'refused: HTTP 400'],
  );
});

test('what a receiver takes in part is counted too', async (context) => {
  const receiver = await startReceiver(context);
  for (const rejectedLogRecords of [2, '1']) {
    receiver.answer = {
      status: 200,
      body: JSON.stringify({ partialSuccess: { rejectedLogRecords, errorMessage: 'no' } }),
    };
    const { record, flush } = recorderOf(context, { url: receiver.url, flushMs: 60_000 });
    record(1, 3);
    await flush();
    receiver.answer = { status: 200, body: 'no JSON' };
    record(4, 4);
    await flush();
    const told = receiver.requests.at(-1)?.records.find(({ eventName }) => eventName === 'waybill.dropped');
    assert.ok(told);
    assert.deepEqual(
      [attributeValue(told, 'waybill.count'), attributeValue(told, 'waybill.why')],
      [String(rejectedLogRecords), 'rejected'],
    );
  }
});

test('30,000 facts while the receiver is away: what was produced was delivered, dropped and counted, exactly', async (context) => {
  const receiver = await startReceiver(context);
  receiver.answer = { status: 503 };
  const { recorder, record, flush } = recorderOf(context, { url: receiver.url, flushMs: 1 });
  record(1, 100);
  await receiver.request(1);
  record(101, 30_000);
  await turn();
  receiver.answer = { status: 200 };
  await flush();
  const delivered = receiver.deliveredIds();
  assert.equal(new Set(delivered).size, delivered.length, 'none is there twice');
  assert.ok(receiver.droppedCount() > 0);
  assert.equal(delivered.length + receiver.droppedCount(), 30_000);
  assert.deepEqual([...(recorder.dropped?.() ?? [])], [['buffer full', receiver.droppedCount()]]);
  assert.deepEqual(delivered.slice(-20_000), idsFrom(10_001, 30_000), 'the newest 20,000 are kept');
});

test('facts of more than 64 MiB are dropped too, oldest first, however few they are', async (context) => {
  const receiver = await startReceiver(context);
  const { recorder, flush } = recorderOf(context, { url: receiver.url, flushMs: 60_000, batchMax: 8 });
  const bindings = 'x'.repeat(2 ** 20);
  // Without a turn between them: none can have left.
  for (let number = 1; number <= 80; number++) recorder.record(aFact(number, { bindings }));
  await flush();
  const delivered = receiver.deliveredIds();
  assert.ok(delivered.length < 64 && delivered.length > 60, `${delivered.length} delivered`);
  assert.equal(delivered.length + receiver.droppedCount(), 80);
  assert.equal(delivered.at(-1), 'fct_80');
});

test('what was dropped is told once, though the request that tells it is sent again', async (context) => {
  const receiver = await startReceiver(context);
  const { record, flush } = recorderOf(context, { url: receiver.url, flushMs: 60_000, bufferMax: 2, batchMax: 2 });
  record(1, 5);
  receiver.answer = { status: 503 };
  await flush();
  receiver.answer = { status: 200 };
  await flush();
  const told = receiver.requests.map(({ records }) =>
    records
      .filter(({ eventName }) => eventName === 'waybill.dropped')
      .map((one) => attributeValue(one, 'waybill.fact_id')),
  );
  assert.equal(new Set(told.flat()).size, 1, 'under one id, so that a ledger keeps it once');
  assert.equal(told.length, 4);
  assert.equal(receiver.droppedCount(), 3);
});

test('a fact that cannot be written down takes no process with it, and what comes after is sent', async (context) => {
  const receiver = await startReceiver(context);
  const { recorder, record, flush } = recorderOf(context, { url: receiver.url, flushMs: 60_000 });
  const hostile = {
    get id(): string {
      throw new Error('no');
    },
  };
  recorder.record(aFact(1, { fanout: hostile as never }));
  await flush();
  record(2, 2);
  await flush();
  assert.deepEqual([receiver.deliveredIds(), receiver.droppedCount()], [['fct_2'], 1]);
});

test('a receiver that never answers is given up on, and asked again', async (context) => {
  const receiver = await startReceiver(context);
  receiver.answer = undefined;
  const { record, flush } = recorderOf(context, { url: receiver.url, flushMs: 1, timeoutMs: 200 });
  record(1, 1);
  await receiver.request(2);
  receiver.answer = { status: 200 };
  await flush();
  assert.deepEqual(receiver.deliveredIds(), ['fct_1']);
});

test('a recorder that is closed takes no more, and says what nobody received', async (context) => {
  const receiver = await startReceiver(context);
  receiver.answer = { status: 503 };
  const warning = once(process, 'warning');
  const { record, close } = recorderOf(context, { url: receiver.url, flushMs: 60_000 });
  record(1, 2);
  await close();
  assert.match((await warning)[0].message, /does not take facts \(HTTP 503\)/);
  assert.equal(receiver.requests.length, 3, 'it was tried three times');
  record(3, 3);
  await close();
  assert.equal(receiver.requests.length, 3);
});

test('timers and connections of ours belong to no request, whoever records first', async (context) => {
  const receiver = await startReceiver(context);
  const { recorder, flush } = recorderOf(context, { url: receiver.url, flushMs: 5 });
  const { waybill } = knownWaybill({ recorder });
  const seen: unknown[] = [];
  const look = () => void seen.push(current());
  const channels = [
    'http.client.request.created',
    'http.client.request.start',
    'http.client.response.finish',
    'net.client.socket',
  ];
  for (const channel of channels) subscribe(channel, look);
  const hook = createHook({
    init: (_id, type) => {
      if (/^(Timeout|TCPWRAP|TCPCONNECTWRAP|HTTPCLIENTREQUEST)$/.test(type)) look();
    },
  }).enable();
  context.after(() => {
    hook.disable();
    for (const channel of channels) unsubscribe(channel, look);
  });
  await waybill.ingress({ operation: 'checkout', tenantId: 'tenant_42' }, async () => {
    await receiver.request(1);
    await flush();
    // From here on it is this request that starts the timer, and then the connection.
    waybill.produce({ system: 'nats', destination: 'orders' }, () => {});
    await receiver.request(2);
    waybill.produce({ system: 'nats', destination: 'orders' }, () => {});
    await flush();
    assert.equal(current()?.tenantId, 'tenant_42');
  });
  assert.ok(seen.length > 4, `only ${seen.length} looks`);
  assert.deepEqual(new Set(seen), new Set([undefined]));
});

/** A process of its own, with the library from its sources. */
async function child(
  script: string,
  env: Record<string, string>,
): Promise<{ readonly ms: number; readonly stdout: string }> {
  const args = ['--conditions=@waybill/source', '--input-type=module', '--eval', script];
  const before = performance.now();
  const options = { cwd: import.meta.dirname, env: { ...process.env, ...env }, timeout: 20_000 };
  const { stdout } = await run(process.execPath, args, options);
  return { ms: performance.now() - before, stdout };
}

const RECORDING = `
  import { createWaybill, otlpRecorder } from 'waybill';
  const waybill = createWaybill({ service: 'checkout', recorder: otlpRecorder({ flushMs: Number(process.env.FLUSH_MS) }) });
  for (let count = 0; count < 1000; count++) waybill.produce({ system: 'nats', destination: 'orders' }, () => {});`;

test('a process that has nothing else to do ends at once, though facts wait for a receiver that never answers', async (context) => {
  const receiver = await startReceiver(context);
  receiver.answer = undefined;
  const waiting = await child(RECORDING, { WAYBILL_URL: receiver.url, FLUSH_MS: '60000' });
  assert.ok(waiting.ms < 9000, `${waiting.ms} ms with a timer`);
  const underWay = `${RECORDING} await new Promise((resolve) => setTimeout(resolve, 300));`;
  const sending = await child(underWay, { WAYBILL_URL: receiver.url, FLUSH_MS: '1' });
  assert.ok(receiver.requests.length > 0, 'a request was under way');
  assert.ok(sending.ms < 9000, `${sending.ms} ms with a request under way`);
});

test('a process that closes its instance ends when all is delivered', async (context) => {
  const receiver = await startReceiver(context);
  await child(`${RECORDING} await waybill.close();`, { WAYBILL_URL: receiver.url, FLUSH_MS: '60000' });
  assert.equal(new Set(receiver.deliveredIds()).size, 2000, 'a gap and a send each');
});

test('a process that closes while nobody listens ends, and says what is lost', async () => {
  const script = `process.on('warning', ({ message }) => console.log(message)); ${RECORDING} await waybill.close();`;
  const { stdout } = await child(script, { WAYBILL_URL: 'http://127.0.0.1:1', FLUSH_MS: '1' });
  assert.match(stdout, /closed with 2000 facts that nobody received/);
});
