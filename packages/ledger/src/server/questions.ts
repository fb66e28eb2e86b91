import { ask as trace } from '../questions/trace/trace.ts';
import { ask as why } from '../questions/why/why.ts';
import type { FactStore, Match } from '../store/store.ts';

export interface Question {
  /** The `data` of the answer, as of an instant: what was recorded later is not looked at. */
  readonly ask: (store: FactStore, match: Match, asOf: number) => object;
  /** What a business key names here: each message that carries it, or the whole of them. */
  readonly keyNames: 'messages' | 'whole';
}

/** By the word that is their route and their verb. */
export const QUESTIONS: Readonly<Record<string, Question>> = {
  why: { ask: why, keyNames: 'messages' },
  trace: { ask: trace, keyNames: 'whole' },
};
