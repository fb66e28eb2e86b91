import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { seeded } from '../../../../waybill/test/seeded.ts';
import { decodeTraces } from '../../../src/ingest/decode-traces.ts';
import { spansOf } from '../../../src/ingest/protobuf/spans.ts';
import { spansIn, spansRead } from './as-read.ts';
import { madeTraces, withUnknownFields } from './made-requests.ts';
import { tracesBytes } from './wire-bytes.ts';

test('spans of the JavaScript SDK are the same in both of its encodings', async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop', 'service.version': '1.2.3' }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer('shop', '1');
  const context = {
    traceId: '6146776277720eb83dedaedf129dbcc7',
    spanId: '00f067aa0ba902b7',
    traceFlags: TraceFlags.SAMPLED,
  };
  const span = tracer.startSpan('orders process', {
    kind: SpanKind.CONSUMER,
    links: [{ context, attributes: { why: 'sent' } }],
    attributes: { 'messaging.system': 'kafka', partitions: [1, 2], share: 0.25 },
  });
  span.recordException(new TypeError('no ☕'));
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'it failed' });
  span.end();
  tracer.startSpan('orders publish', { kind: SpanKind.PRODUCER }).end();
  await provider.forceFlush();
  const spans = exporter.getFinishedSpans();
  const expected = spansIn(JSON.parse(new TextDecoder().decode(JsonTraceSerializer.serializeRequest(spans))));
  const bytes = ProtobufTraceSerializer.serializeRequest(spans);
  assert.ok(bytes !== undefined);
  assert.deepEqual([expected.length, spansRead(spansOf(bytes))], [2, expected]);
});

test("spans that Google's own classes wrote in Python are what their JSON says", () => {
  const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'golden/traces.json'), 'utf8'));
  const found = spansRead(spansOf(Buffer.from(golden.bytes, 'base64')));
  assert.deepEqual([found.length, found], [4, spansIn(golden.request)]);
});

test('whatever a request holds, its spans are the same in both encodings', () => {
  for (let seed = 1; seed <= 500; seed++) {
    const chance = seeded(seed);
    const request = madeTraces(chance);
    const bytes = tracesBytes(request, withUnknownFields(chance));
    assert.deepEqual(spansRead(spansOf(bytes)), spansIn(request), `seed ${seed}`);
    const json = Buffer.from(JSON.stringify(request));
    assert.deepEqual(decodeTraces(bytes, spansOf), decodeTraces(json), `seed ${seed}`);
  }
});
