import type { FinishedSpan } from '../../../../../fixtures/sdk.ts';

/** A span without what differs from run to run: its ids, its times and its stack. */
export interface SpanNode {
  readonly name: string;
  readonly kind: number;
  readonly status: object;
  readonly attributes: object;
  readonly events: readonly object[];
  readonly links: readonly { readonly to: string; readonly attributes: object }[];
  readonly children: readonly SpanNode[];
}

/** What was exported, as trees from the roots on, in the order of their ends. */
export function spanTrees(finished: readonly FinishedSpan[]): SpanNode[] {
  const ids = new Set(finished.map(({ span }) => span.spanContext().spanId));
  const names = new Map(finished.map(({ span }) => [span.spanContext().spanId, span.name]));
  const below = (parent: FinishedSpan | undefined): SpanNode[] =>
    finished.filter((each) => (parent === undefined ? !isChildOfOneOf(each, ids) : isChild(each, parent))).map(nodeOf);
  const nodeOf = (each: FinishedSpan): SpanNode => {
    const { name, kind, status, attributes, events, links } = each.span;
    return {
      name,
      kind,
      status: { ...status },
      attributes: sorted(attributes),
      events: events.map((event) => ({ name: event.name, attributes: sorted({ ...event.attributes, [STACK]: '' }) })),
      links: links.map((link) => ({
        to: names.get(link.context.spanId) ?? 'a stranger',
        attributes: sorted(link.attributes ?? {}),
      })),
      children: below(each),
    };
  };
  return below(undefined);
}

const STACK = 'exception.stacktrace';

/** In the parent's trace too: a span id alone could be of another. */
function isChild({ span, parentSpanId }: FinishedSpan, parent: FinishedSpan): boolean {
  const { traceId, spanId } = parent.span.spanContext();
  return parentSpanId === spanId && span.spanContext().traceId === traceId;
}

function isChildOfOneOf({ parentSpanId }: FinishedSpan, ids: ReadonlySet<string>): boolean {
  return parentSpanId !== undefined && ids.has(parentSpanId);
}

function sorted(attributes: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1)));
}
