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
}

export function workflowOf(facts: readonly Fact[], truth: Truth): Workflow {
  const { asOf, destinations } = truth;
  const graph = reconstruct(facts, { asOf, destinations, losses: lossesOf(facts) });
  const messages = new Map(truth.messages.map((message) => [message.messageId, message]));
  return { graph, truth, messages, effects: effectsOf(truth.messages) };
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
