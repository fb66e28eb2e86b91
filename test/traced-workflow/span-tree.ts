import { readFileSync } from 'node:fs';

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
}

interface OtlpRequest {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[] }[];
}

export interface SpanTree {
  readonly spans: readonly OtlpSpan[];
  attribute(span: OtlpSpan, name: string): string | undefined;
  /** What it follows from: its parent, or without one the span that it is linked to. */
  before(span: OtlpSpan): OtlpSpan | undefined;
}

/** The spans of files with one OTLP/JSON request a line. */
export function readSpanTree(files: readonly string[]): SpanTree {
  const requests = files.flatMap((file) => readFileSync(file, 'utf8').trim().split('\n'));
  const spans = requests.flatMap((line) => {
    const { resourceSpans }: OtlpRequest = JSON.parse(line);
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  });
  const byId = new Map(spans.map((span) => [`${span.traceId}-${span.spanId}`, span]));
  return {
    spans,
    attribute: ({ attributes }, name) => attributes.find(({ key }) => key === name)?.value.stringValue,
    before({ traceId, parentSpanId, links = [] }) {
      if (parentSpanId !== undefined && parentSpanId !== '') return byId.get(`${traceId}-${parentSpanId}`);
      const [link] = links;
      return link && byId.get(`${link.traceId}-${link.spanId}`);
    },
  };
}
