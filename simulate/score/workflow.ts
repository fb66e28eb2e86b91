import { lossesOf, reconstruct, type WholeGraph } from '@waybill/ledger';
import type { Fact } from 'waybill';
import type { TrueMessage, Truth } from 'waybill/testing';

/** A simulated workflow, as the ledger sees it and as it was. */
export interface Workflow {
  readonly graph: WholeGraph;
  readonly truth: Truth;
  /** By message id. */
  readonly messages: ReadonlyMap<string, TrueMessage>;
  /** What each message really led to, itself left out. */
  readonly effects: ReadonlyMap<string, ReadonlySet<string>>;
  /** With its own, for the next. */
  readonly counted: Counted;
}

/** What a ledger has counted of all that came through its pipeline. */
export interface Counted {
  readonly seen: number;
  readonly missing: number;
}

/**
 * One workflow, in a ledger that has counted `before` of others: a single one is too small to show how much of what
 * its pipeline carries is lost.
 */
export function workflowOf(facts: readonly Fact[], truth: Truth, before: Counted): Workflow {
  const { asOf, destinations } = truth;
  const own = lossesOf(facts);
  const counted = { seen: before.seen + own.seen, missing: before.missing + own.missing };
  const graph = reconstruct(facts, { asOf, destinations, losses: { ...own, ...counted } });
  const messages = new Map(truth.messages.map((message) => [message.messageId, message]));
  return { graph, truth, messages, effects: effectsOf(truth.messages), counted };
}

function effectsOf(messages: readonly TrueMessage[]): Map<string, Set<string>> {
  const direct = new Map<string, string[]>();
  for (const { messageId, causeIds } of messages) {
    for (const causeId of causeIds) direct.set(causeId, [...(direct.get(causeId) ?? []), messageId]);
  }
  return new Map(messages.map(({ messageId }) => [messageId, reachable(messageId, direct)]));
}

function reachable(from: string, direct: ReadonlyMap<string, readonly string[]>): Set<string> {
  const reached = new Set<string>();
  const open = [...(direct.get(from) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === from || reached.has(next)) continue;
    reached.add(next);
    open.push(...(direct.get(next) ?? []));
  }
  return reached;
}

/** By destination and subscription. */
export function placeKey(place: { readonly destination: string; readonly subscription: string | null }): string {
  return `${place.destination} ${place.subscription ?? '-'}`;
}
