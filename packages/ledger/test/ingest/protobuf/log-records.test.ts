import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { JsonLogsSerializer, ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { seeded } from '../../../../waybill/test/seeded.ts';
import { decodeLogs } from '../../../src/ingest/decode-logs.ts';
import { logRecordsOf } from '../../../src/ingest/protobuf/log-records.ts';
import { workflowFacts } from '../../workflow.ts';
import { bodyOfFacts } from '../otlp-body.ts';
import { logRecordsIn, logRecordsRead } from './as-read.ts';
import { madeLogs, withUnknownFields } from './made-requests.ts';
import { logsBytes } from './wire-bytes.ts';

const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'golden/logs.json'), 'utf8'));

test('facts come out of protobuf as out of JSON', () => {
  const json = bodyOfFacts(workflowFacts());
  const bytes = logsBytes(JSON.parse(new TextDecoder().decode(json)));
  assert.deepEqual(decodeLogs(bytes, logRecordsOf), { facts: workflowFacts(), rejected: 0 });
});

test('log records of the JavaScript SDK are the same in both of its encodings', () => {
  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop', 'service.instance.id': 'shop-1', replicas: 3 }),
    processors: [new SimpleLogRecordProcessor({ exporter })],
  });
  const attributes = {
    text: 'café ☕',
    whole: -7,
    half: 0.5,
    large: 2 ** 52,
    yes: true,
    bytes: new Uint8Array([0, 255]),
    list: ['a', 1, false],
    map: { __proto__x: { deep: ['x'] } },
    empty: '',
  };
  for (const [index, name] of ['waybill.sent', 'other', ''].entries()) {
    const timestamp = new Date(1_773_756_131_204 + index);
    provider.getLogger('waybill', '1').emit({ eventName: name, timestamp, body: 'hello', attributes });
  }
  const records = exporter.getFinishedLogRecords();
  const json = JSON.parse(new TextDecoder().decode(JsonLogsSerializer.serializeRequest(records)));
  const expected = logRecordsIn(json);
  const bytes = ProtobufLogsSerializer.serializeRequest(records);
  assert.ok(bytes !== undefined);
  assert.deepEqual([expected.length, logRecordsRead(logRecordsOf(bytes))], [3, expected]);
});

test("log records that Google's own classes wrote in Python are what their JSON says", () => {
  const bytes = Buffer.from(golden.bytes, 'base64');
  assert.deepEqual(logRecordsRead(logRecordsOf(bytes)), logRecordsIn(golden.request));
  const { facts, ...rejected } = decodeLogs(bytes, logRecordsOf);
  assert.deepEqual(
    facts.map(({ kind, at, service, version }) => [kind, at, service, version]),
    ['sent', 'started', 'settled'].map((kind) => [kind, 1_773_756_131_204, 'celery-worker', '5.4.0']),
  );
  assert.deepEqual(rejected, { rejected: 1, reason: '1 record: waybill.message_id is missing' });
  const json = Buffer.from(JSON.stringify(golden.request));
  assert.deepEqual(decodeLogs(json), { facts, ...rejected });
});

test('whatever a request holds, its facts and rejections are the same in both encodings', () => {
  let facts = 0;
  let rejected = 0;
  for (let seed = 1; seed <= 500; seed++) {
    const chance = seeded(seed);
    const request = madeLogs(chance);
    const bytes = logsBytes(request, withUnknownFields(chance));
    assert.deepEqual(logRecordsRead(logRecordsOf(bytes)), logRecordsIn(request), `seed ${seed}`);
    const decoded = decodeLogs(bytes, logRecordsOf);
    assert.deepEqual(decoded, decodeLogs(Buffer.from(JSON.stringify(request))), `seed ${seed}`);
    facts += decoded.facts.length;
    rejected += decoded.rejected;
  }
  assert.ok(facts > 500 && rejected > 100, `${facts} facts and ${rejected} rejections are enough to tell`);
});
