import type { Millis } from 'waybill';
import type { FactReader, Stretch } from '../../store/store.ts';
import type { Message } from '../graph/message.ts';
import { groupBy } from '../grouping.ts';
import type { Order } from './candidates.ts';
import type { Cursor } from './cursor.ts';

/** A workflow of which something was found, where it stands among the others. */
export interface Found {
  readonly correlationId: string;
  readonly at: Millis;
  readonly messages: readonly [Message, ...Message[]];
}

/** How what was found is ordered: each workflow once, where the first of its messages would stand. */
export interface Listing {
  of(messages: Iterable<Message>): readonly Found[];
  /** Whether it stands there or before it. */
  isReached(found: Pick<Found, 'at' | 'correlationId'>, cursor: Cursor): boolean;
  /** The part of the time that comes after the cursor, with all that is of its very instant. */
  rest(window: Stretch, cursor: Cursor | null): Stretch;
  /** Where to go on behind these messages, of which those until `last` were told; never where this page began. */
  beyond(messages: readonly Message[], last: Cursor | null, after: Cursor | null): Cursor | null;
}

export function listingBy(reader: FactReader, window: Stretch, { by, order }: Order): Listing {
  const sign = order === 'newest first' ? -1 : 1;
  const atOf = (message: Message): Millis => {
    const failed = by === 'failure' ? lastFailure(message, window) : null;
    return failed ?? reader.factsOf([message.messageId])[0]?.at ?? message.beginsAt;
  };
  const compare = (a: { at: Millis; id: string }, b: { at: Millis; id: string }) =>
    sign * (a.at - b.at) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
  return {
    of(messages) {
      const placed = [...messages].map((message) => ({ message, at: atOf(message) }));
      const within = placed.filter(({ at }) => at >= window.since && at < window.until);
      const found = [...groupBy(within, ({ message }) => message.correlationId)].map(([correlationId, own]): Found => {
        const [first, ...rest] = own.toSorted((a, b) => sign * (a.at - b.at)) as typeof own; // sound: as many as before
        return { correlationId, at: first.at, messages: [first.message, ...rest.map(({ message }) => message)] };
      });
      return found.sort((a, b) => compare({ at: a.at, id: a.correlationId }, { at: b.at, id: b.correlationId }));
    },
    isReached: ({ at, correlationId }, cursor) => compare({ at, id: correlationId }, cursor) <= 0,
    rest(stretch, cursor) {
      if (cursor === null) return stretch;
      return order === 'newest first'
        ? { ...stretch, until: Math.min(stretch.until, cursor.at + 1) }
        : { ...stretch, since: Math.max(stretch.since, cursor.at) };
    },
    beyond(messages, last, after) {
      if (messages.length === 0) return null;
      const at = sign * Math.max(...messages.map((message) => sign * atOf(message)));
      // More at one instant than a page looks at: the rest of them cannot be told apart, and is passed over.
      return at === after?.at ? { at: at + sign, id: '' } : { at, id: last?.at === at ? last.id : '' };
    },
  };
}

/** As the store lists failures: by when an execution was settled as one. */
function lastFailure({ subscriptions }: Message, { since, until }: Stretch): Millis | null {
  const ends = subscriptions.flatMap(({ executions }) =>
    executions.flatMap(({ settled, outcome }) =>
      settled && FAILING.has(outcome) && settled.at >= since && settled.at < until ? [settled.at] : [],
    ),
  );
  return ends.length === 0 ? null : Math.max(...ends);
}

const FAILING: ReadonlySet<string> = new Set(['retry', 'dead', 'failed']);
