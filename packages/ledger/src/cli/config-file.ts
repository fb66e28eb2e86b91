import { readFileSync } from 'node:fs';
import { ledgerError } from '../errors.ts';
import { nearest } from './suggestions.ts';

/**
 * A JSON file of one object, whose keys are all known.
 *
 * @throws CONFIG_UNKNOWN with the key that may have been meant, CONFIG_UNREADABLE.
 */
export function readConfig<Key extends string>(path: string, known: readonly Key[]): ReadonlyMap<Key, unknown> {
  const entries = Object.entries(objectIn(path));
  for (const [key] of entries) {
    if (isKnown(key, known)) continue;
    const [near] = nearest(key, known);
    const meant = near === undefined ? '' : `: did you mean "${near}"?`;
    throw ledgerError('CONFIG_UNKNOWN', path, key.slice(0, 60), meant);
  }
  // Sound: each key was looked at above.
  return new Map(entries as [Key, unknown][]);
}

function isKnown<Key extends string>(key: string, known: readonly Key[]): key is Key {
  return known.some((each) => each === key);
}

function objectIn(path: string): object {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw ledgerError('CONFIG_UNREADABLE', path, error instanceof Error ? error.message : String(error));
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // The parser's own message repeats what is in the file, and that may be a token.
  }
  throw ledgerError('CONFIG_UNREADABLE', path, 'it is not one JSON object');
}
