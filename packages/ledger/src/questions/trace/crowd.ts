import type { Millis } from 'waybill';
import type { ShapePlace } from '../../store/store.ts';
import type { Message } from '../graph/message.ts';
import type { State } from '../graph/state.ts';
import { groupBy } from '../grouping.ts';
import { executionsIn } from './story.ts';

/** Messages of one type that one type of message led to, as many as there are. */
export interface Group extends ShapePlace {
  readonly messages: number;
  readonly executions: number;
  readonly gaps: number;
  /** `open` is waiting, running, overdue or unknown: nobody has looked closer. Empty where nobody can tell of that time. */
  readonly states: Readonly<Partial<Record<State | 'open', number>>>;
  /** What led to all of them, where that is one message. */
  readonly causeId: string | null;
  readonly firstAt: Millis;
  /** Some of them, those to be shown first. */
  readonly examples: readonly string[];
}

/** More messages than are shown. */
export interface Crowd {
  /** All of them, where they were read. */
  readonly messages: ReadonlyMap<string, Message> | null;
  message(id: string): Message | undefined;
  /** Longest overdue first. */
  readonly overdue: readonly string[];
  /** Those that died, the earliest first. */
  readonly dead: readonly string[];
  /** All but some, the largest group first. */
  groups(without: ReadonlySet<string>): readonly Group[];
}

const examplesMax = 5;

export function memoryCrowd(messages: ReadonlyMap<string, Message>): Crowd {
  const all = [...messages.values()];
  const standing = (state: State) => all.filter(({ subscriptions: [at] }) => at.state === state);
  return {
    messages,
    message: (id) => messages.get(id),
    overdue: byDue(standing('overdue')),
    dead: standing('dead')
      .sort((a, b) => a.beginsAt - b.beginsAt)
      .map(({ messageId }) => messageId),
    groups(without) {
      const rest = all.filter(({ messageId }) => !without.has(messageId));
      const groups = groupBy(rest, (message) => keyOf(placeOf(message, messages)));
      return [...groups.values()].map((own) => groupOf(own, messages)).sort(largestFirst);
    },
  };
}

function causeOf({ cause }: Message, messages: ReadonlyMap<string, Message>): Message | undefined {
  return cause.messageIds.flatMap((id) => messages.get(id) ?? [])[0];
}

function placeOf(message: Message, messages: ReadonlyMap<string, Message>): ShapePlace {
  const { eventType } = message;
  const led = causeOf(message, messages);
  return { hasCause: led !== undefined, causeType: led?.eventType ?? null, eventType };
}

function groupOf(own: readonly [Message, ...Message[]], messages: ReadonlyMap<string, Message>): Group {
  const causes = new Set(own.map((message) => causeOf(message, messages)?.messageId ?? null));
  const [cause = null] = causes;
  const states: Partial<Record<State, number>> = {};
  for (const { subscriptions } of own) states[subscriptions[0].state] = (states[subscriptions[0].state] ?? 0) + 1;
  const longest = own.toSorted((a, b) => (b.subscriptions[0].elapsedMs ?? 0) - (a.subscriptions[0].elapsedMs ?? 0));
  return {
    ...placeOf(own[0], messages),
    causeId: causes.size === 1 ? cause : null,
    ...{ messages: own.length, executions: executionsIn(own), states },
    gaps: own.filter(({ gaps }) => gaps.length > 0).length,
    firstAt: Math.min(...own.map(({ beginsAt }) => beginsAt)),
    examples: longest.slice(0, examplesMax).map(({ messageId }) => messageId),
  };
}

export function byDue(messages: readonly Message[]): string[] {
  const dueAt = ({ subscriptions: [at] }: Message) => at.dueAt ?? Number.POSITIVE_INFINITY;
  return messages.toSorted((a, b) => dueAt(a) - dueAt(b)).map(({ messageId }) => messageId);
}

export function keyOf({ hasCause, causeType, eventType }: ShapePlace): string {
  return JSON.stringify([hasCause, causeType, eventType]);
}

export function largestFirst(a: Group, b: Group): number {
  return b.messages - a.messages || a.firstAt - b.firstAt;
}
