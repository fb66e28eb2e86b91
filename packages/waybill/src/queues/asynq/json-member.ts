/** Where a member of a JSON object stands in its text. */
interface JsonMember {
  readonly start: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  /** Of its neighbours, where it has them. */
  readonly previousEnd: number | undefined;
  readonly nextStart: number | undefined;
}

/** What a JSON object's text holds: the member that was asked for, and where another one can be put. */
interface JsonObject {
  readonly member: JsonMember | undefined;
  readonly count: number;
  /** Behind the last member; behind the opening brace where there is none. */
  readonly end: number;
}

const SPACE = /[ \t\n\r]*/y;
const WORD = /[^\s,:{}[\]"]+/y;

/**
 * Looks for a member in the text of a JSON object, without reading it into values: numbers beyond 2^53, spaces and
 * the order of names would not survive that.
 *
 * @param text Known to be valid JSON.
 * @returns undefined where it is no object, or has two members of that name.
 */
export function findMember(text: string, name: string): JsonObject | undefined {
  let at = skip(SPACE, text, 0);
  if (text[at] !== '{') return undefined;
  let end = at + 1;
  let count = 0;
  let member: JsonMember | undefined;
  for (at = skip(SPACE, text, end); text[at] !== '}'; at = skip(SPACE, text, end)) {
    if (text[at] === ',') at = skip(SPACE, text, at + 1);
    const nameEnd = skipScalar(text, at);
    const valueStart = skip(SPACE, text, skip(SPACE, text, nameEnd) + 1);
    const valueEnd = skipValue(text, valueStart);
    if (member !== undefined && member.nextStart === undefined) member = { ...member, nextStart: at };
    if (JSON.parse(text.slice(at, nameEnd)) === name) {
      if (member !== undefined) return undefined;
      member = { start: at, valueStart, valueEnd, previousEnd: count === 0 ? undefined : end, nextStart: undefined };
    }
    end = valueEnd;
    count++;
  }
  return { member, count, end };
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** Past a string, a number or a word; nowhere, if there is none. */
function skipScalar(text: string, at: number): number {
  return text[at] === '"' ? skipString(text, at) : skip(WORD, text, at);
}

/** By looking for quotes: an expression would need a stack as deep as the string has escapes. */
function skipString(text: string, at: number): number {
  let quote = text.indexOf('"', at + 1);
  while (isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote + 1;
}

function isEscaped(text: string, at: number): boolean {
  let from = at;
  while (text[from - 1] === '\\') from--;
  return (at - from) % 2 === 1;
}

/** Past a value that may be nested, however deep: by counting, not by calling itself. */
function skipValue(text: string, start: number): number {
  let at = start;
  let depth = 0;
  do {
    const letter = text[at];
    if (letter === '{' || letter === '[') depth++;
    else if (letter === '}' || letter === ']') depth--;
    const end = skipScalar(text, at);
    at = end > at ? end : at + 1;
  } while (depth > 0 && at < text.length);
  return at;
}
