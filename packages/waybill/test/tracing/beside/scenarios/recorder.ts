// A request in the app, whose facts go to the address that is given, by the client that is instrumented.
import * as api from '@opentelemetry/api';
import { createWaybill, otlpRecorder } from '../../../../src/index.ts';
import { bridge } from '../../../../src/tracing/otel.ts';
import { report, waybill, within } from '../stage.ts';

await within('request', async () => {
  if (waybill === undefined) return;
  const recorder = otlpRecorder({ url: process.argv[2] ?? '' });
  const recording = createWaybill({ service: 'orders', recorder, tracing: bridge(api) });
  recording.ingress({ operation: 'checkout' }, () => {});
  await recording.close();
});
report();
