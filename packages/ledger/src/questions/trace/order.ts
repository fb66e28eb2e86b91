import { type Claim, claimOf } from '../evidence.ts';
import type { Message } from '../graph/message.ts';
import { groupBy } from '../grouping.ts';

/** A message in its place: below what caused it, or what it replays. */
export interface Placed extends Claim {
  readonly message: Message;
  readonly depth: number;
  /** `root` where nothing is known that it stands under: its claim says whether it is one. */
  readonly via: 'root' | 'cause' | 'replay';
  /** The message it is placed under; null at a root. */
  readonly parent: string | null;
}

/** Depth first, the longest of the same cause first: what is looked for is seldom the quick one. */
export function inCausalOrder(messages: ReadonlyMap<string, Message>): Placed[] {
  const parents = new Map([...messages.values()].map((message) => [message.messageId, parentOf(message, messages)]));
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
      placed.push({ message, depth, ...(parents.get(message.messageId) ?? parentOf(message, messages)) });
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

/** Of a batch, the first of its messages that is here: a message stands in one place only. */
function parentOf({ cause }: Message, messages: ReadonlyMap<string, Message>): Omit<Placed, 'message' | 'depth'> {
  const parent = cause.messageIds.find((id) => messages.has(id)) ?? null;
  const via = parent === null || cause.via === 'unknown' ? 'root' : cause.via;
  return { via, parent, ...claimOf(cause) };
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
