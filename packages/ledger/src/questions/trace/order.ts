import { type Claim, observed } from '../evidence.ts';
import { groupBy } from '../grouping.ts';
import { type InferredCause, inferCauses } from '../kin.ts';
import type { Message } from '../reconstruct.ts';

/** A message in its place: below what caused it, or what it replays. */
export interface Placed extends Claim {
  readonly message: Message;
  readonly depth: number;
  readonly via: 'root' | 'cause' | 'replay';
  /** The message it is placed under; null at a root. */
  readonly parent: string | null;
}

/** Depth first, the longest of the same cause first: what is looked for is seldom the quick one. */
export function inCausalOrder(messages: ReadonlyMap<string, Message>): Placed[] {
  const inferredCauses = inferCauses(messages);
  const parents = new Map(
    [...messages.values()].map((message) => [message.messageId, parentOf(message, messages, inferredCauses)]),
  );
  const children = groupBy(messages.values(), ({ messageId }) => parents.get(messageId)?.parent ?? null);
  const placed: Placed[] = [];
  const seen = new Set<string>();
  // A stack instead of recursion: a chain of 10,000 causes is legal, and forged ones may be endless.
  const visit = (root: Message) => {
    const stack = [{ message: root, depth: 0 }];
    for (let next = stack.pop(); next; next = stack.pop()) {
      const { message, depth } = next;
      if (seen.has(message.messageId)) continue;
      seen.add(message.messageId);
      placed.push({ message, depth, ...(parents.get(message.messageId) ?? rootOf(message)) });
      for (const child of (children.get(message.messageId) ?? []).toSorted(shortestFirst))
        stack.push({ message: child, depth: depth + 1 });
    }
  };
  const roots = children.get(null) ?? [];
  for (const root of roots.toSorted(earliestFirst)) visit(root);
  // Causes that lead back to themselves have no root: each loop begins at its earliest message.
  for (const message of [...messages.values()].sort(earliestFirst)) if (!seen.has(message.messageId)) visit(message);
  return placed;
}

function parentOf(
  message: Message,
  messages: ReadonlyMap<string, Message>,
  inferredCauses: ReadonlyMap<string, InferredCause>,
): Omit<Placed, 'message' | 'depth'> {
  const { causationId, replayOf, messageId, first } = message;
  if (replayOf !== null && messages.has(replayOf)) return { via: 'replay', parent: replayOf, ...observed(first) };
  if (causationId !== null && messages.has(causationId))
    return { via: 'cause', parent: causationId, ...observed(first) };
  const cause = inferredCauses.get(messageId);
  if (!cause) return rootOf(message);
  return { via: 'cause', parent: cause.causeId, evidence: cause.evidence, because_facts: cause.because_facts };
}

function rootOf({ first }: Message): Omit<Placed, 'message' | 'depth'> {
  return { via: 'root', parent: null, ...observed(first) };
}

/** On a stack the last is visited first. */
function shortestFirst(a: Message, b: Message): number {
  return tookMs(a) - tookMs(b) || b.beginsAt - a.beginsAt;
}

function earliestFirst(a: Message, b: Message): number {
  return a.beginsAt - b.beginsAt;
}

function tookMs({ subscriptions: [first] }: Message): number {
  return first.elapsedMs ?? 0;
}
