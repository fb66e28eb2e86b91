import type { EndingRange } from '../endings.ts';
import type { Stretch } from '../store.ts';
import type { Ask } from './asks.ts';

/** What a question lacks. */
export type Want =
  /** The messages that name an id in whatever way: theirs, their cause's, an execution's, … */
  | { readonly what: 'named'; readonly id: string; readonly limit: number }
  /** All facts of one message. */
  | { readonly what: 'own'; readonly id: string }
  /** The messages that this one caused. */
  | { readonly what: 'effects'; readonly id: string }
  /** The messages that have an own id of such an ending. */
  | { readonly what: 'ending'; readonly key: string; readonly ranges: readonly EndingRange[] }
  /** The messages of a workflow, oldest first. */
  | { readonly what: 'members'; readonly correlationId: string; readonly limit: number }
  /** The messages that were sent there in this time, oldest first. */
  | {
      readonly what: 'sent';
      readonly key: string;
      readonly destination: string;
      readonly stretch: Stretch;
      readonly limit: number;
    }
  /** What is answered of the rows of one statement, or of several: theirs follow each other in that order. */
  | {
      readonly what: 'other';
      readonly key: string;
      readonly asks: readonly Ask[];
      readonly answer: (rows: unknown[][]) => unknown;
    };

export type WantOf<What extends Want['what']> = Extract<Want, { readonly what: What }>;

export function wantsOf<What extends Want['what']>(wants: readonly Want[], what: What): WantOf<What>[] {
  return wants.filter((want): want is WantOf<What> => want.what === what);
}

export function keyOf(want: Want): string {
  switch (want.what) {
    case 'named':
      return `named ${want.limit} ${want.id}`;
    case 'own':
    case 'effects':
      return `${want.what} ${want.id}`;
    case 'members':
      return `members ${want.limit} ${want.correlationId}`;
    default:
      return want.key;
  }
}
