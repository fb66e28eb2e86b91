import { distance } from 'fastest-levenshtein';

const editsMax = 2;
const suggestionsMax = 3;

/** What may have been meant, nearest first: at most three names within two edits. */
export function nearest<Name extends string>(typed: string, names: readonly Name[]): Name[] {
  return (
    names
      .map((name) => ({ name, edits: distance(typed, name) }))
      // A name of two letters is within two edits of anything.
      .filter(({ name, edits }) => edits <= editsMax && edits < name.length)
      .sort((a, b) => a.edits - b.edits)
      .slice(0, suggestionsMax)
      .map(({ name }) => name)
  );
}

/** A command as it can be pasted into a shell. */
export function pasted(...words: readonly string[]): string {
  return words.map((word) => (/^[\w:./@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
