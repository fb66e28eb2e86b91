import type { OtelSpan } from './opentelemetry-api.ts';

/** Which kind a span is of: an SDK's own say so, one that is not sampled does not. */
export function kindOf(span: OtelSpan | undefined): unknown {
  return span !== undefined && 'kind' in span ? span.kind : undefined;
}

/** What a span says of itself so far: an SDK's own can be asked, one that is not sampled has nothing to say. */
export function attributesOf(span: OtelSpan | undefined): Readonly<Record<string, unknown>> {
  const attributes = span !== undefined && 'attributes' in span ? span.attributes : undefined;
  return typeof attributes === 'object' && attributes !== null ? { ...attributes } : {};
}
