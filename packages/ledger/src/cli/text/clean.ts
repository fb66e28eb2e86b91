// What a terminal obeys instead of showing: C0 and C1 controls, DEL, line separators, and overrides of direction.
// biome-ignore lint/suspicious/noControlCharactersInRegex: naming them is what this expression is for
const OBEYED = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Text from outside, safe to print on one line: what a terminal would obey is spelled out. */
export function clean(text: string): string {
  return text.replace(OBEYED, escaped);
}

/** A JSON document, safe to print: such characters stand only inside its strings, where an escape means the same. */
export function cleanJson(json: string): string {
  return json.replace(OBEYED, (character) => (character === '\n' ? character : escaped(character)));
}

/** The same document, each of its strings clean. */
export function cleanDocument<Document>(document: Document): Document {
  // Sound: only strings are changed, and they stay strings.
  return JSON.parse(JSON.stringify(document), (_, value) =>
    typeof value === 'string' ? clean(value) : value,
  ) as Document;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
