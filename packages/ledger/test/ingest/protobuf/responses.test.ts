import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProtobufLogsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { exportResponse, status } from '../../../src/ingest/protobuf/responses.ts';
import { lengthField } from './wire-bytes.ts';

test('what was rejected, and why, is read by the exporters of OpenTelemetry', () => {
  const reason = `1 record: ${'☕'.repeat(100)}`;
  for (const rejected of [1, 127, 128, 300, 2 ** 31, 2 ** 40]) {
    const bytes = exportResponse(rejected, reason);
    const { partialSuccess: logs } = ProtobufLogsSerializer.deserializeResponse(bytes);
    assert.deepEqual({ ...logs }, { rejectedLogRecords: rejected, errorMessage: reason });
    const { partialSuccess: spans } = ProtobufTraceSerializer.deserializeResponse(bytes);
    assert.deepEqual({ ...spans }, { rejectedSpans: rejected, errorMessage: reason });
  }
});

test('where all was taken the response is empty', () => {
  assert.equal(exportResponse(0).length, 0);
});

test('an error is a google.rpc.Status: its code in field 1, its message in field 2', () => {
  assert.deepEqual(Buffer.from(status(14, 'wait')), Buffer.concat([Buffer.from([0x08, 14]), lengthField(2, 'wait')]));
});
