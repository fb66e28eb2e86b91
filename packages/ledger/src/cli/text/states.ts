import type { State } from '../../questions/graph/state.ts';
import type { Paint } from '../terminal.ts';
import { grouped } from './counts.ts';

/** A state that stands alone: what went wrong stands out without colour, too. */
export function stateWord(state: State): string {
  return state === 'dead' || state === 'overdue' ? state.toUpperCase() : state;
}

/** Within a sentence. */
export function paintedState(state: State, paint: Paint, word: string = state): string {
  return state === 'dead' || state === 'overdue' ? paint.bad(word) : word;
}

const ORDER = ['done', 'running', 'waiting', 'overdue', 'dead', 'discarded', 'open', 'unknown'] as const;

/** `5 done, 1 overdue`; `open` are those of which nobody has looked how they stand. */
export function tallyText(states: Readonly<Partial<Record<State | 'open', number>>>, paint: Paint): string[] {
  return ORDER.flatMap((state) => {
    const count = states[state] ?? 0;
    if (count === 0) return [];
    return [`${grouped(count)} ${state === 'open' ? 'not over' : paintedState(state, paint)}`];
  });
}
