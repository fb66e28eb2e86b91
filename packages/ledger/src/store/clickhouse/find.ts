import { canonicalId, type EndingRange, endingOf, isNearby, nearbyRanges, rangeOf, typedEnding } from '../endings.ts';
import type { FactReader, Match } from '../store.ts';
import type { MessageAtHand } from './at-hand.ts';
import type { Hand } from './hand.ts';
import type { Needs } from './needs.ts';

interface Named {
  readonly kind: Match['kind'];
  readonly id: string;
  readonly message: MessageAtHand;
}

/** Where an ending fits more ids than this, somebody made them up. */
const candidatesMax = 1_000;

export function openFinder(hand: Hand, needs: Needs): Pick<FactReader, 'find' | 'near'> {
  function exactly(id: string, limit: number): Match[] {
    needs.named(id, limit);
    return matchesOf(findExactly(hand, needs, id, limit), limit);
  }

  function matchesOf(found: Iterable<Named>, limit: number): Match[] {
    const matches = new Map<string, Match>();
    for (const each of found) {
      if (matches.size >= limit) break;
      if (!matches.has(each.message.id)) matches.set(each.message.id, matchOf(each, needs));
    }
    return [...matches.values()];
  }

  return {
    find(id, limit) {
      const exact = exactly(id, limit);
      if (exact.length > 0) return exact;
      const canonical = canonicalId(id);
      if (canonical?.includes('_')) return canonical === id ? [] : exactly(canonical, limit);
      const ending = typedEnding(id);
      const range = ending === null ? null : rangeOf(ending);
      if (ending === null || range === null || needs.isLooking() || !hasEndings(needs, id, [range])) return [];
      return matchesOf(
        endingIn(hand, range).filter((named) => named.id.endsWith(ending)),
        limit,
      );
    },
    near(id, limit) {
      const canonical = canonicalId(id);
      if (canonical === null || !needs.isSure()) return [];
      const ranges = nearbyRanges(canonical);
      if (!hasEndings(needs, id, ranges)) return [];
      const candidates = ranges.flatMap((range) => endingIn(hand, range));
      return matchesOf(
        candidates.filter((named) => isNearby(canonical, named.id)),
        limit,
      );
    },
  };
}

function hasEndings(needs: Needs, id: string, ranges: readonly EndingRange[]): boolean {
  return needs.other({ what: 'ending', key: `ending ${ranges.length} ${id}`, ranges }) !== undefined;
}

function* findExactly(hand: Hand, needs: Needs, id: string, limit: number): Generator<Named> {
  const { index } = hand;
  const own = index.messages.get(id);
  if (own) yield { kind: 'message', id, message: own };
  // A workflow is named by its root: where that has facts, it stands for the workflow even if a skewed clock put
  // another one first.
  const first = own ? undefined : firstOf(hand, needs, id);
  if (first) yield { kind: 'workflow', id, message: first };
  yield* inPlace('execution', id, index.executions.get(id));
  yield* inPlace('broker', id, index.brokerIds.get(id));
  const traced = index.traces.get(id);
  if (traced) yield { kind: 'trace', id, message: traced.message };
  for (const key of [...(index.keys.get(id) ?? [])].slice(0, limit))
    for (const message of index.keyed.get(key) ?? []) yield { kind: 'business_key', id: key, message };
}

function firstOf(hand: Hand, needs: Needs, workflow: string): MessageAtHand | undefined {
  if (!hand.large.has(workflow)) return hand.index.workflows.get(workflow)?.message;
  if (!needs.members(workflow, 1)) return undefined;
  const [first = ''] = hand.members.get(workflow)?.ids ?? [];
  return needs.own(first) ? hand.index.messages.get(first) : undefined;
}

function* inPlace(kind: Match['kind'], id: string, messages: Iterable<MessageAtHand> = []): Generator<Named> {
  for (const message of [...messages].sort((a, b) => a.place - b.place)) yield { kind, id, message };
}

/** Own ids at hand that end like this: messages, then executions, then workflows that no message is named after. */
function endingIn({ index }: Hand, range: EndingRange): Named[] {
  const named: Named[] = [];
  const add = (kind: Match['kind'], id: string, message: MessageAtHand) => {
    const ending = endingOf(id);
    if (ending !== null && ending >= range.low && ending <= range.high) named.push({ kind, id, message });
  };
  const inOrder = (some: Named[]) => some.sort((a, b) => orderOf(a) - orderOf(b) || a.message.place - b.message.place);
  for (const message of index.messages.values()) add('message', message.id, message);
  const messages = inOrder(named.splice(0));
  for (const [id, own] of index.executions) for (const message of own) add('execution', id, message);
  const executions = inOrder(named.splice(0));
  for (const [id, { message }] of index.workflows) if (!index.messages.has(id)) add('workflow', id, message);
  return [...messages, ...executions, ...inOrder(named)].slice(0, candidatesMax);
}

function orderOf({ id }: Named): number {
  return endingOf(id) ?? 0;
}

function matchOf({ kind, id, message }: Named, needs: Needs): Match {
  // Whatever else says something of it has to be at hand as well.
  needs.own(message.id);
  return {
    kind,
    id,
    message_id: message.id,
    event_type: message.eventType,
    tenant_id: message.tenantId,
    business_key: message.businessKey,
    at: message.firstAt,
  };
}
