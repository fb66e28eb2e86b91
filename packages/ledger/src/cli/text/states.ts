import type { State } from '../../questions/graph/state.ts';
import type { Paint } from '../terminal.ts';

/** A state that stands alone: what went wrong stands out without colour, too. */
export function stateWord(state: State): string {
  return state === 'dead' || state === 'overdue' ? state.toUpperCase() : state;
}

/** Within a sentence. */
export function paintedState(state: State, paint: Paint, word: string = state): string {
  return state === 'dead' || state === 'overdue' ? paint.bad(word) : word;
}

const ORDER: readonly State[] = ['done', 'running', 'waiting', 'overdue', 'dead', 'discarded', 'unknown'];

/** `5 done, 1 overdue`. */
export function tallyText(states: Readonly<Partial<Record<State, number>>>, paint: Paint): string[] {
  return ORDER.flatMap((state) => {
    const count = states[state] ?? 0;
    return count === 0 ? [] : [`${count} ${paintedState(state, paint)}`];
  });
}
