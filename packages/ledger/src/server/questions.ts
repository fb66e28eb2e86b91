import type { Asked } from '../questions/asked.ts';
import { ask as blast } from '../questions/blast/ask.ts';
import { ask as failures } from '../questions/failures/ask.ts';
import { ask as gaps } from '../questions/gaps/ask.ts';
import { ask as overdue } from '../questions/overdue/ask.ts';
import { ask as tail } from '../questions/tail/ask.ts';
import { ask as trace } from '../questions/trace/trace.ts';
import { ask as why } from '../questions/why/why.ts';
import type { FactReader, Match } from '../store/store.ts';

export interface Question {
  /** The `data` of the answer, as of an instant: what was recorded later is not looked at. */
  readonly ask: (reader: FactReader, match: Match, asOf: number) => object;
  /** What a business key names here: each message that carries it, or the whole of them. */
  readonly keyNames: 'messages' | 'whole';
}

/** A question about a stretch of time. */
export interface WindowQuestion {
  readonly ask: (reader: FactReader, asked: Asked) => object;
  /** What is looked for: messages that are open are listed as of now only, and what happened at any time. */
  readonly needs: 'open messages' | 'what happened';
}

/** By the word that is their route and their verb. */
export const QUESTIONS: Readonly<Record<string, Question>> = {
  why: { ask: why, keyNames: 'messages' },
  trace: { ask: trace, keyNames: 'whole' },
  blast: { ask: blast, keyNames: 'messages' },
};

export const WINDOW_QUESTIONS: Readonly<Record<string, WindowQuestion>> = {
  gaps: { ask: gaps, needs: 'what happened' },
  overdue: { ask: overdue, needs: 'open messages' },
  failures: { ask: failures, needs: 'what happened' },
  tail: { ask: tail, needs: 'what happened' },
};
