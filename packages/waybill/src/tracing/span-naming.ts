import type { SpanKind } from './opentelemetry-api.ts';

/** What a span is called, and of which kind it is, where a team's dashboards know another name for it. */
export interface SpanName {
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
}

/** Of one system. What is left out is named by OpenTelemetry's conventions: `send orders`, `process orders`. */
export interface SpanNaming {
  readonly send?: SpanName | undefined;
  readonly process?: SpanName | undefined;
}

export interface NamedSpan {
  readonly name: string;
  readonly kind: SpanKind;
}
