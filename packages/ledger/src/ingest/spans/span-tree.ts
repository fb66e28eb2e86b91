import type { Span, SpanContext } from './span.ts';
import { roleOf, type SpanRole } from './span-role.ts';

/** What lies around a span: the nearest that handles something, or where the way up ends. */
export type Around =
  /** `entry` handles a message or a request; `send` was taken by another service, which has no span for handling it. */
  | { readonly is: 'entry' | 'send'; readonly span: Span }
  | { readonly is: 'root' }
  /** A parent that is not known, not yet or not at all. */
  | { readonly is: 'missing'; readonly context: SpanContext };

/** The spans that are known of one trace. */
export interface SpanTree {
  readonly spans: readonly Span[];
  get(spanId: string): Span | undefined;
  roleOf(span: Span): SpanRole;
  around(span: Span): Around;
  /** Whether something is sent below it: only then is a request of interest. */
  leadsToSend(span: Span): boolean;
}

export function treeOf(spans: readonly Span[]): SpanTree {
  const byId = new Map(spans.map((span) => [span.span_id, span]));
  const roles = rolesOf(spans, byId);
  const role = (span: Span) => roles.get(span) ?? 'none';
  const around = walkUp(byId, role);
  const leading = new Set<Span>();
  for (const span of spans) {
    if (role(span) !== 'send') continue;
    for (let at = around(span); at.is === 'entry' && !leading.has(at.span); at = around(at.span)) leading.add(at.span);
  }
  return { spans, get: (id) => byId.get(id), roleOf: role, around, leadsToSend: (span) => leading.has(span) };
}

/**
 * Older instrumentations call the span around a handler `receive`: it is one where its parent is what sent the message,
 * and no other span says that it handles it.
 */
function rolesOf(spans: readonly Span[], byId: ReadonlyMap<string, Span>): Map<Span, SpanRole> {
  const roles = new Map(spans.map((span) => [span, roleOf(span)]));
  const parentOf = ({ parent_span_id: id }: Span) => (id === undefined ? undefined : byId.get(id));
  const handledBelow = new Set(spans.filter((span) => roles.get(span) === 'consumer').map(parentOf));
  for (const span of spans) {
    if (roles.get(span) !== 'receive') continue;
    const parent = parentOf(span);
    const isSent = parent === undefined ? span.parent_span_id !== undefined : roles.get(parent) === 'send';
    roles.set(span, isSent && !handledBelow.has(span) ? 'consumer' : 'none');
  }
  return roles;
}

/** Each way up is walked once: the spans on it remember where it led. Not recursive, for a trace may be one long chain. */
function walkUp(byId: ReadonlyMap<string, Span>, role: (span: Span) => SpanRole): (span: Span) => Around {
  const known = new Map<Span, Around>();
  return (from) => {
    const path = new Set<Span>();
    let at = from;
    let found = known.get(at);
    while (found === undefined) {
      path.add(at);
      const above = stepUp(at, byId, role);
      if ('span_id' in above && !path.has(above)) {
        at = above;
        found = known.get(at);
      } else {
        // Parents that lead back to themselves lead nowhere.
        found = 'is' in above ? above : { is: 'missing', context: above };
      }
    }
    for (const span of path) known.set(span, found);
    return found;
  };
}

function stepUp(span: Span, byId: ReadonlyMap<string, Span>, role: (span: Span) => SpanRole): Span | Around {
  const { trace_id, parent_span_id: span_id } = span;
  if (span_id === undefined) return { is: 'root' };
  const parent = byId.get(span_id);
  if (parent === undefined) return { is: 'missing', context: { trace_id, span_id } };
  const parentRole = role(parent);
  if (parentRole === 'consumer' || parentRole === 'server') return { is: 'entry', span: parent };
  return parentRole === 'send' && parent.service !== span.service ? { is: 'send', span: parent } : parent;
}
