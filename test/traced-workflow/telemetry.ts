import { appendFileSync } from 'node:fs';
import * as api from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node';

/** One SDK, and two places that its spans go to: the ledger, and a file of OTLP/JSON, one request a line. */
export function startSdk(service: string, ledgerUrl: string, file: string) {
  const resource = resourceFromAttributes({ 'service.name': service });
  const toLedger = new OTLPTraceExporter({ url: `${ledgerUrl}/v1/traces` });
  const provider = new NodeTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(toLedger), new SimpleSpanProcessor(fileExporter(file))],
  });
  provider.register();
  return { api, shutdown: () => provider.shutdown() };
}

function fileExporter(file: string): SpanExporter {
  return {
    export(spans: ReadableSpan[], done) {
      const bytes = JsonTraceSerializer.serializeRequest(spans);
      if (bytes !== undefined) appendFileSync(file, `${Buffer.from(bytes).toString()}\n`);
      done({ code: 0 });
    },
    shutdown: () => Promise.resolve(),
  };
}
