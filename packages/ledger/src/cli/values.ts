import { createInterface } from 'node:readline';
import { ledgerError } from '../errors.ts';

/**
 * The facts of a text: one on each line, or the list `facts` of one document, which may go over many lines. What a
 * document says of destinations is a value as well, and so is a line of such.
 *
 * @throws IMPORT_UNREADABLE.
 */
export async function* valuesIn(text: NodeJS.ReadableStream, name: string): AsyncGenerator<unknown> {
  const lines = linesOf(text, name);
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    const value = parsed(line);
    // Lines of JSON are known by their first: no document has an object that ends on it, unless it is all there.
    if (value === undefined && number === 1) return yield* partsOf(await documentOf(line, lines), name);
    if (value === undefined) throw ledgerError('IMPORT_UNREADABLE', name, `line ${number} is not JSON`);
    if (isDocument(value)) yield* partsOf(value, name);
    else yield value;
  }
}

async function* linesOf(text: NodeJS.ReadableStream, name: string): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    throw ledgerError('IMPORT_UNREADABLE', name, error instanceof Error ? error.message : String(error));
  }
}

async function documentOf(first: string, rest: AsyncIterable<string>): Promise<unknown> {
  const lines = [first];
  for await (const line of rest) lines.push(line);
  return parsed(lines.join('\n'));
}

function* partsOf(document: unknown, name: string): Generator<unknown> {
  if (!isDocument(document)) throw ledgerError('IMPORT_UNREADABLE', name, 'it is no lines of JSON, and has no "facts"');
  if ('destinations' in document) yield { destinations: document.destinations };
  yield* document.facts;
}

function isDocument(value: unknown): value is { readonly facts: readonly unknown[] } {
  return typeof value === 'object' && value !== null && 'facts' in value && Array.isArray(value.facts);
}

/** Undefined for what is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
