import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ProtobufLogsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { bodyOf, bodyOfFacts, recordOf } from '../ingest/otlp-body.ts';
import { logsBytes, tracesBytes } from '../ingest/protobuf/wire-bytes.ts';
import { tracesBody } from '../ingest/spans/made-spans.ts';
import { sent } from '../store/made-facts.ts';
import { WORKFLOW, workflowFacts } from '../workflow.ts';
import { runLedger } from './running-ledger.ts';

const MEDIA_TYPE = 'application/x-protobuf';
const asProtobuf = (json: Uint8Array) => logsBytes(JSON.parse(new TextDecoder().decode(json)));

/** A ledger to which protobuf is posted, and the bytes that it answers. */
async function runProtobufLedger(context: TestContext, store = openSqliteStore({ path: ':memory:' })) {
  const { url } = await runLedger(context, store);
  const post = async (
    body: Uint8Array<ArrayBuffer>,
    headers: Readonly<Record<string, string>> = {},
    path = '/v1/logs',
  ) => {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': MEDIA_TYPE, ...headers },
    });
    assert.equal(answer.headers.get('content-type'), MEDIA_TYPE);
    return { status: answer.status, headers: answer.headers, bytes: new Uint8Array(await answer.arrayBuffer()) };
  };
  return { store, post };
}

/** Of a google.rpc.Status: its code and the text behind it. Both lengths are of one byte here, or the second of two. */
function statusIn(bytes: Uint8Array): [code: number | undefined, message: string] {
  assert.deepEqual([bytes[0], bytes[2]], [0x08, 0x12]);
  const start = (bytes[3] ?? 0) < 0x80 ? 4 : 5;
  return [bytes[1], new TextDecoder().decode(bytes.subarray(start))];
}

test('facts that come as protobuf, plain or as gzip, are in the ledger as they were recorded', async (context) => {
  for (const headers of [{}, { 'content-encoding': 'gzip' }, { 'content-type': 'Application/X-Protobuf; v=1' }]) {
    const { store, post } = await runProtobufLedger(context);
    const body = asProtobuf(bodyOfFacts(workflowFacts()));
    const { status, bytes } = await post('content-encoding' in headers ? gzipSync(body) : body, headers);
    assert.deepEqual([status, bytes.length], [200, 0]);
    assert.deepEqual(await store.read((reader) => reader.factsOf(WORKFLOW.display_order)), workflowFacts());
  }
});

test('bad records that come as protobuf are counted with the reason, in protobuf', async (context) => {
  const { store, post } = await runProtobufLedger(context);
  const records = [recordOf(sent()), { ...recordOf(sent()), traceId: 'aa' }, { eventName: 'waybill.new' }];
  const { status, bytes } = await post(asProtobuf(bodyOf(records)));
  assert.equal(status, 200);
  const { partialSuccess } = ProtobufLogsSerializer.deserializeResponse(bytes);
  const errorMessage = '1 record: traceId is not 32 hex digits; 1 record: its kind is not known';
  assert.deepEqual({ ...partialSuccess }, { rejectedLogRecords: 2, errorMessage });
  assert.equal((await store.read((reader) => reader.extent())).facts, 1);
});

test('spans that come as protobuf are taken, and bad ones counted', async (context) => {
  const { store, post } = await runProtobufLedger(context);
  const request = JSON.parse(
    new TextDecoder().decode(
      tracesBody([
        { name: 'a', kind: 'SERVER' },
        { name: 'b', parent: 'a' },
      ]),
    ),
  );
  request.resourceSpans[0].scopeSpans[0].spans.push({ name: 'of nobody' });
  const { status, bytes } = await post(tracesBytes(request), {}, '/v1/traces');
  const { partialSuccess } = ProtobufTraceSerializer.deserializeResponse(bytes);
  assert.deepEqual([status, partialSuccess?.rejectedSpans, await store.spans.count()], [200, 1, 2]);
});

test('what is no protobuf, or is too large, is answered with a status in protobuf', async (context) => {
  const { store, post } = await runProtobufLedger(context);
  const json = await post(bodyOfFacts(workflowFacts()));
  assert.equal(json.status, 400);
  const [code, message] = statusIn(json.bytes);
  assert.equal(code, 3);
  assert.match(
    message,
    /^BODY_UNREADABLE: the body cannot be read: it is not protobuf from byte \d+ on\. Send an OTLP /,
  );
  const bomb = await post(gzipSync(Buffer.alloc(65 * 1024 * 1024)), { 'content-encoding': 'gzip' });
  assert.deepEqual([bomb.status, statusIn(bomb.bytes)[0]], [413, 8]);
  assert.equal((await store.read((reader) => reader.extent())).facts, 0);
});

test('a store that cannot write says when to try again, in protobuf', async (context) => {
  const store = openSqliteStore({ path: ':memory:' });
  const { post } = await runProtobufLedger(context, store);
  await store.close();
  const { status, headers, bytes } = await post(asProtobuf(bodyOfFacts(workflowFacts())));
  assert.deepEqual([status, headers.get('retry-after'), statusIn(bytes)[0]], [503, '1', 14]);
});
