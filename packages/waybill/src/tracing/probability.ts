import type { OtelTraceState } from './opentelemetry-api.ts';
import { TraceState } from './trace-state.ts';

/** OpenTelemetry's consistent probability sampling: what it keeps in `tracestate`, under its own key. */
const KEY = 'ot';
const VALUE = /(?:^|;)rv:([0-9a-f]{14})(?:;|$)/;

/** The random value that a trace carries, 56 bits as 14 hex digits; undefined where it carries none. */
export function randomValueOf(state: OtelTraceState | undefined): string | undefined {
  return VALUE.exec(state?.get(KEY) ?? '')?.[1];
}

/** Values below it are rejected. As hex digits of one length, both compare as text; past the last value for a ratio of 0. */
export function thresholdOf(ratio: number): string {
  const rejected = Math.round((1 - ratio) * 2 ** 56);
  return rejected >= 2 ** 56 ? 'g' : rejected.toString(16).padStart(14, '0');
}

/** A new trace's state: the value, so that all who go on decide alike; and where it is sampled, the threshold. */
export function withProbability(value: string, threshold: string | undefined): OtelTraceState {
  const share = threshold === undefined ? '' : `th:${threshold.replace(/0+$/, '') || '0'};`;
  return new TraceState(`${KEY}=${share}rv:${value}`);
}
