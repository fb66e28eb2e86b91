import type { Asked } from '../questions/asked.ts';
import { ask as blast } from '../questions/blast/ask.ts';
import { ask as doctor } from '../questions/doctor/ask.ts';
import { ask as failures } from '../questions/failures/ask.ts';
import { ask as gaps } from '../questions/gaps/ask.ts';
import { ask as map } from '../questions/map/ask.ts';
import { ask as overdue } from '../questions/overdue/ask.ts';
import { ask as queues } from '../questions/queues/ask.ts';
import { ask as replay } from '../questions/replay/ask.ts';
import { ask as tail } from '../questions/tail/ask.ts';
import { ask as trace } from '../questions/trace/trace.ts';
import { ask as why } from '../questions/why/why.ts';
import type { FactReader, Match } from '../store/store.ts';
import type { Answers } from './answers.ts';

export interface Question<Data extends object = object> {
  /** The `data` of the answer, as of an instant: what was recorded later is not looked at. */
  readonly ask: (reader: FactReader, match: Match, asOf: number) => Data;
  /** What a business key names here: each message that carries it, or the whole of them. */
  readonly keyNames: 'messages' | 'whole';
}

/** A question about a stretch of time. */
export interface WindowQuestion<Data extends object = object> {
  readonly ask: (reader: FactReader, asked: Asked) => Data;
  /** What is looked for: messages that are open are listed as of now only, and what happened at any time. */
  readonly needs: 'open messages' | 'what happened';
  /** Its answers have a cursor, from which the next one goes on. */
  readonly isFollowed?: true;
  /** Whoever asks says what comes first. */
  readonly isSorted?: true;
}

/** By the word that is their route and their verb; what each answers has its line in `Answers`. */
export const QUESTIONS = {
  why: { ask: why, keyNames: 'messages' },
  trace: { ask: trace, keyNames: 'whole' },
  blast: { ask: blast, keyNames: 'messages' },
  replay: { ask: replay, keyNames: 'messages' },
} as const satisfies { readonly [Name in keyof Answers]?: Question<Answers[Name]> };

export const WINDOW_QUESTIONS = {
  gaps: { ask: gaps, needs: 'what happened' },
  overdue: { ask: overdue, needs: 'open messages' },
  failures: { ask: failures, needs: 'what happened' },
  map: { ask: map, needs: 'what happened' },
  queues: { ask: queues, needs: 'open messages', isSorted: true },
  doctor: { ask: doctor, needs: 'open messages' },
  tail: { ask: tail, needs: 'what happened', isFollowed: true },
} as const satisfies { readonly [Name in keyof Answers]?: WindowQuestion<Answers[Name]> };
