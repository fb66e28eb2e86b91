import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { otlpRecorder } from 'waybill';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { bodyOf, bodyOfFacts, recordOf } from '../ingest/otlp-body.ts';
import { sent } from '../store/made-facts.ts';
import { temporaryFolder } from '../store/suite.ts';
import { WORKFLOW, workflowFacts } from '../workflow.ts';
import { runLedger } from './running-ledger.ts';

test('facts that a recorder sends are in the ledger as they were recorded', async (context) => {
  const { url, store } = await runLedger(context);
  const recorder = otlpRecorder({ url });
  for (const fact of workflowFacts()) recorder.record(fact);
  await recorder.close?.();
  assert.deepEqual(await store.read((reader) => reader.factsOf(WORKFLOW.display_order)), workflowFacts());
});

test('ten sends of one request store its facts once', async (context) => {
  const { store, post } = await runLedger(context);
  const body = bodyOfFacts(workflowFacts());
  const answers = await Promise.all(Array.from({ length: 10 }, () => post(body)));
  for (const { status, json } of answers) assert.deepEqual([status, json], [200, { partialSuccess: {} }]);
  assert.equal((await store.read((reader) => reader.extent())).facts, 29);
});

test('an answer of 200 means that the facts are in the file', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const { post } = await runLedger(context, openSqliteStore({ path }));
  assert.equal((await post(bodyOfFacts(workflowFacts()))).status, 200);
  const beside = openSqliteStore({ path });
  context.after(() => beside.close());
  assert.equal((await beside.read((reader) => reader.extent())).facts, 29);
});

test('bad records are counted with the reason, and the good ones beside them are kept', async (context) => {
  const { store, post } = await runLedger(context);
  const { status, json } = await post(
    bodyOf([recordOf(sent()), { ...recordOf(sent()), traceId: 'x' }, { eventName: 'waybill.new' }]),
  );
  assert.equal(status, 200);
  const errorMessage = '1 record: traceId is not 32 hex digits; 1 record: its kind is not known';
  assert.deepEqual(json, { partialSuccess: { rejectedLogRecords: '2', errorMessage } });
  assert.equal((await store.read((reader) => reader.extent())).facts, 1);
});

test('100,000 records in one request are answered with 200, and each is accepted or counted', async (context) => {
  const { store, post } = await runLedger(context);
  const records = Array.from({ length: 100_000 }, (_, n) => (n % 2 ? recordOf(sent()) : { eventName: 'waybill.new' }));
  const { status, json } = await post(gzipSync(bodyOf(records)), { 'content-encoding': 'gzip' });
  assert.equal(status, 200);
  assert.equal(
    (await store.read((reader) => reader.extent())).facts + Number(json.partialSuccess.rejectedLogRecords),
    100_000,
  );
});

test('a gzip body is read, also where it is several members', async (context) => {
  const { store, post } = await runLedger(context);
  const body = bodyOfFacts(workflowFacts());
  const members = Buffer.concat([gzipSync(body.subarray(0, 1_000)), gzipSync(body.subarray(1_000))]);
  for (const packed of [gzipSync(body), members]) {
    assert.equal((await post(packed, { 'content-encoding': 'gzip' })).status, 200);
  }
  assert.equal((await store.read((reader) => reader.extent())).facts, 29);
});

test('a gzip bomb is refused, in one member or in many, and the ledger answers on', async (context) => {
  const { post, get } = await runLedger(context);
  const member = gzipSync(Buffer.alloc(16 * 1024 * 1024, ' '));
  const grownMax = 256 * 1024 * 1024;
  const before = process.memoryUsage().rss;
  for (const bomb of [gzipSync(Buffer.alloc(256 * 1024 * 1024)), Buffer.concat(Array(64).fill(member))]) {
    const { status, json } = await post(bomb, { 'content-encoding': 'gzip' });
    assert.deepEqual([status, json.code], [413, 8]);
    assert.match(json.message, /^BODY_TOO_LARGE: the body is larger than 64 MiB\. /);
  }
  assert.ok(process.memoryUsage().rss - before < grownMax + 256 * 1024 * 1024); // the bomb itself was made in this process
  assert.equal((await get('/healthz')).status, 200);
});

test('a body beyond 16 MiB is refused, also when it does not say its length', async (context) => {
  const { post, get } = await runLedger(context);
  const large = Buffer.alloc(17 * 1024 * 1024, ' ');
  for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
    // A client may still be writing when it is refused, and then sees the connection go.
    const answer = await post(large, headers).catch((error: { code?: string }) => error.code);
    if (typeof answer === 'object') assert.equal(answer.status, 413);
    else assert.match(String(answer), /EPIPE|ECONNRESET/);
  }
  assert.equal((await get('/healthz')).status, 200);
});

test('100,000 levels of nesting are answered with 400, and the ledger answers on', async (context) => {
  const { post, get } = await runLedger(context);
  const lists = `{"resourceLogs":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const value = '{"arrayValue":{"values":['.repeat(100_000);
  for (const body of [lists, value, '{"a":'.repeat(100_000)]) {
    const { status, json } = await post(body);
    assert.deepEqual([status, json.code], [400, 3]);
    assert.match(json.message, /nested more than 512 levels deep/);
  }
  assert.equal((await get('/healthz')).status, 200);
});

test('what is no JSON or no gzip is answered with 400', async (context) => {
  const { post } = await runLedger(context);
  for (const [body, headers] of [
    ['{', {}],
    ['', {}],
    ['plain', { 'content-encoding': 'gzip' }],
    [gzipSync('{}').subarray(0, 12), { 'content-encoding': 'gzip' }],
  ] as const) {
    const { status, json } = await post(body, headers);
    assert.deepEqual([status, json.code], [400, 3]);
    assert.match(json.message, /^BODY_UNREADABLE: /);
  }
});

test('other media types are answered with 415, and with what to send instead', async (context) => {
  const { post, store } = await runLedger(context);
  const body = bodyOfFacts(workflowFacts());
  for (const type of [
    'application/protobuf',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    '',
  ]) {
    const { status, json } = await post(body, { 'content-type': type });
    assert.deepEqual([status, json.code], [415, 12]);
    assert.match(json.message, /OTEL_EXPORTER_OTLP_PROTOCOL=http\/protobuf/);
  }
  assert.equal((await post(body, { 'content-encoding': 'br' })).status, 415);
  assert.equal((await store.read((reader) => reader.extent())).facts, 0);
  assert.equal((await post(body, { 'content-type': 'Application/JSON; charset=utf-8' })).status, 200);
});

test('a store that cannot write is answered with 503, and when to try again', async (context) => {
  const store = openSqliteStore({ path: ':memory:' });
  const { post } = await runLedger(context, store);
  await store.close();
  const { status, headers, json } = await post(bodyOfFacts(workflowFacts()));
  assert.deepEqual([status, headers['retry-after'], json.code], [503, '1', 14]);
});
