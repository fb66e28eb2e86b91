import { type LedgerError, ledgerError } from '../../errors.ts';
import type { State } from '../graph/state.ts';

/** What a search asks for: all of it, of one workflow. */
export interface Terms {
  /** Each an id, its ending, a business key or its beginning; or, where it is none of these, a name or an error's words. */
  readonly words: readonly string[];
  readonly tenant: string | null;
  readonly operation: string | null;
  readonly event: string | null;
  readonly state: State | null;
  readonly error: string | null;
}

const STATES: readonly State[] = ['waiting', 'running', 'done', 'dead', 'discarded', 'overdue', 'unknown'];
const lengthMax = 1_000;
const wordsMax = 16;
const echoedMax = 60;

/**
 * Words apart, where quotes hold together what has spaces: `tenant:acme-eu state:dead error:"card declined"`. What
 * stands before a colon says what it is where it is one of ours; else it is a business key, as in `order:ORD-48213`.
 *
 * @throws ARGUMENT_MISSING, ARGUMENT_INVALID.
 */
export function termsOf(text: string): Terms {
  const parts = [...text.slice(0, lengthMax + 1).matchAll(/([^\s":]+:)?"([^"]*)"|\S+/g)];
  if (text.length > lengthMax || parts.length > wordsMax)
    throw ledgerError('ARGUMENT_INVALID', 'a search', `at most ${wordsMax} words`, quoted(text));
  const words: string[] = [];
  const said: Mutable<Omit<Terms, 'words'>> = { tenant: null, operation: null, event: null, state: null, error: null };
  for (const [whole, prefix, inQuotes] of parts) {
    const word = inQuotes === undefined ? whole : `${prefix ?? ''}${inQuotes}`;
    const colonAt = word.indexOf(':');
    const [name, value] = [word.slice(0, colonAt), word.slice(colonAt + 1)];
    if (name === 'state') said.state = stateOf(value);
    else if (name === 'tenant' || name === 'operation' || name === 'event' || name === 'error')
      said[name] = filled(name, value);
    else if (word.trim() !== '') words.push(word);
  }
  if (words.length === 0 && Object.values(said).every((each) => each === null)) throw nothingAsked();
  return { words, ...said };
}

type Mutable<Fields> = { -readonly [Name in keyof Fields]: Fields[Name] };

function nothingAsked(): LedgerError {
  return ledgerError('ARGUMENT_MISSING', 'search', 'an id, a key, a name, a state or an error');
}

function stateOf(value: string): State {
  const state = STATES.find((each) => each === value.toLowerCase());
  if (state === undefined)
    throw ledgerError('ARGUMENT_INVALID', 'state:', `one of ${STATES.join(', ')}`, quoted(value));
  return state;
}

function filled(name: string, value: string): string {
  if (value.trim() === '')
    throw ledgerError('ARGUMENT_INVALID', `${name}:`, 'followed by what is looked for', quoted(value));
  return value;
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, echoedMax));
}
