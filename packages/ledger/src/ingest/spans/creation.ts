import type { Span, SpanContext } from './span.ts';
import type { SpanTree } from './span-tree.ts';

/** The spans that created what an entry handles, as both ends of the hop know them. */
export interface Creation {
  readonly contexts: readonly SpanContext[];
  /** How the entry knows: a link, its parent, or not at all: then it stands for itself. */
  readonly by: 'link' | 'parent' | 'itself';
}

export function creationOf(entry: Span, tree: SpanTree): Creation {
  return tree.roleOf(entry) === 'server' ? creationOfRequest(entry, tree) : creationOfMessage(entry, tree);
}

function creationOfMessage(entry: Span, tree: SpanTree): Creation {
  if (entry.links !== undefined) return { contexts: entry.links, by: 'link' };
  const { trace_id, parent_span_id: span_id } = entry;
  if (span_id === undefined) return itself(entry);
  const parent = tree.get(span_id);
  if (parent !== undefined && tree.roleOf(parent) !== 'send') return itself(entry);
  return { contexts: [{ trace_id, span_id }], by: 'parent' };
}

/** The client's span, where it is known: a call that its client repeats under one span is one request. */
function creationOfRequest(entry: Span, tree: SpanTree): Creation {
  const { trace_id, parent_span_id: span_id } = entry;
  if (span_id === undefined || tree.get(span_id)?.kind !== 'client') return itself(entry);
  return { contexts: [{ trace_id, span_id }], by: 'parent' };
}

function itself({ trace_id, span_id }: Span): Creation {
  return { contexts: [{ trace_id, span_id }], by: 'itself' };
}
