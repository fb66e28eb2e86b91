import type { MessageFact, Millis } from 'waybill';
import { handledFacts, lateCauseFact, sentFact } from './derived-facts.ts';
import type { Resolved } from './identity.ts';
import { askingOnce, type Known } from './known.ts';
import { resolve, restsOn } from './resolve.ts';
import type { Span } from './span.ts';
import { type SpanTree, treeOf } from './span-tree.ts';

export interface Arrived {
  readonly span: Span;
  readonly arrivedAt: Millis;
}

/** How long a span waits for others, and until when the one that looks has waited. */
export interface Patience {
  readonly now: Millis;
  /** So that facts of services that record themselves come first. */
  readonly settleMs: number;
  /** Then it is derived with what is known. */
  readonly graceMs: number;
  /** Between two looks for what another trace has to tell. */
  readonly againMs: number;
}

export interface Derived {
  readonly facts: MessageFact[];
  /** When to look again; null where nothing waits. */
  readonly nextAt: Millis | null;
}

/**
 * The facts that the spans of one trace tell, as far as they are known. The same spans give the same facts, in whatever
 * order they came, unless one was waited for in vain.
 */
export function derive(arrived: readonly Arrived[], known: Known, patience: Patience): Derived {
  const tree = treeOf(arrived.map(({ span }) => span));
  const asking = askingOnce(known);
  const arrivals = new Map(arrived.map(({ span, arrivedAt }) => [span, arrivedAt]));
  const resolved = new Map<Span, Resolved>();
  const waits = new Map<Span, Millis>();
  for (const span of inOrder(tree)) {
    const rests = restsOn(span, tree).flatMap((other) => waits.get(other) ?? []);
    const settledAt = (arrivals.get(span) ?? 0) + patience.settleMs;
    if (settledAt > patience.now) waits.set(span, settledAt);
    else if (rests.length > 0) waits.set(span, Math.min(...rests));
    else {
      const { resolved: own, isComplete } = resolve(span, tree, asking, (other) => resolved.get(other));
      // Whoever took a message waits longer than who sent it, which may be waiting itself.
      const extraMs = tree.roleOf(span) === 'consumer' ? 2 * patience.againMs : 0;
      const graceAt = (arrivals.get(span) ?? 0) + patience.graceMs + extraMs;
      if (isComplete || graceAt <= patience.now) resolved.set(span, own);
      else waits.set(span, Math.min(graceAt, patience.now + patience.againMs));
    }
  }
  return {
    facts: [...resolved].flatMap(([span, own]) => factsOf(span, own)),
    nextAt: earliestOf(waits.values()),
  };
}

/** Not `Math.min`, which takes only so many. */
function earliestOf(instants: Iterable<Millis>): Millis | null {
  let earliest: Millis | null = null;
  for (const at of instants) if (earliest === null || at < earliest) earliest = at;
  return earliest;
}

function factsOf(span: Span, resolved: Resolved): MessageFact[] {
  if (resolved.is === 'sent') return [resolved.isCauseLate ? lateCauseFact(span, resolved) : sentFact(span, resolved)];
  return resolved.is === 'handled' ? handledFacts(span, resolved) : [];
}

/** The spans of which something is derived, each after those that it rests on. Not recursive: chains may be of any length. */
function inOrder(tree: SpanTree): Set<Span> {
  const ordered = new Set<Span>();
  const opened = new Set<Span>();
  for (const first of tree.spans.filter((span) => isTelling(span, tree))) {
    const open = [first];
    for (let span = open.at(-1); span !== undefined; span = open.at(-1)) {
      if (opened.has(span)) {
        // What forged spans make rest on itself comes in any order.
        ordered.add(span);
        open.pop();
        continue;
      }
      opened.add(span);
      open.push(...restsOn(span, tree).filter((other) => !opened.has(other)));
    }
  }
  return ordered;
}

function isTelling(span: Span, tree: SpanTree): boolean {
  const role = tree.roleOf(span);
  return role === 'send' || role === 'consumer' || (role === 'server' && tree.leadsToSend(span));
}
