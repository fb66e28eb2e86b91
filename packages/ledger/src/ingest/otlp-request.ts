import { isAscii } from 'node:buffer';
import { ledgerError } from '../errors.ts';
import { isObject } from './attribute-value.ts';
import { isNestedDeeper } from './nesting.ts';

/** What the resource says for all that is below it. */
export interface Origin {
  readonly service: string;
  readonly instance: string;
  readonly version?: string;
}

/** An attribute of 64 levels takes 256 of JSON: what is deeper than this is no request, whichever record it is in. */
const jsonLevelsMax = 512;

/** Reads the items of a request in some encoding, each with what its resource says. */
export type ReadItems = (body: Uint8Array) => Iterable<readonly [item: unknown, origin: Origin]>;

/** The names of a request's three levels: resources, scopes, and what is in them. */
type Levels = readonly [resources: string, scopes: string, items: string];

/** The log records, and the spans, of a request in JSON. */
export const logRecordsOf: ReadItems = (body) => itemsOf(body, ['resourceLogs', 'scopeLogs', 'logRecords']);
export const spansOf: ReadItems = (body) => itemsOf(body, ['resourceSpans', 'scopeSpans', 'spans']);

/**
 * Each item of an OTLP/HTTP JSON request, and what its resource says.
 *
 * @throws BODY_UNREADABLE where the body as a whole is no such request.
 */
function* itemsOf(body: Uint8Array, [resources, scopes, items]: Levels): Generator<[unknown, Origin]> {
  for (const resource of listIn(parse(body), resources)) {
    const origin = originOf(resource);
    for (const scope of listIn(resource, scopes)) for (const item of listIn(scope, items)) yield [item, origin];
  }
}

function parse(body: Uint8Array): unknown {
  if (isNestedDeeper(body, jsonLevelsMax)) throw unreadable(`it is nested more than ${jsonLevelsMax} levels deep`);
  const text = textOf(body);
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the body, which may hold what nobody wants in a log.
    throw unreadable('it is not JSON');
  }
}

function textOf(body: Uint8Array): string {
  // Most bodies are, and then nothing has to be decoded.
  if (isAscii(body)) return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw unreadable('it is not UTF-8');
  }
}

/** A list that may be left out; anything else there is no OTLP. */
function listIn(parent: unknown, name: string): readonly unknown[] {
  if (!isObject(parent)) throw unreadable(`what holds "${name}" is no object`);
  const list = parent[name] ?? [];
  if (!Array.isArray(list)) throw unreadable(`"${name}" is no list`);
  return list;
}

export function originOf(holder: unknown): Origin {
  const resource = isObject(holder) ? holder['resource'] : undefined;
  const attributes = isObject(resource) ? resource['attributes'] : undefined;
  const texts = new Map<unknown, string>();
  for (const attribute of Array.isArray(attributes) ? attributes : []) {
    const value: unknown = isObject(attribute) ? attribute['value'] : undefined;
    const text = isObject(value) ? value['stringValue'] : undefined;
    if (typeof text === 'string') texts.set((attribute as Record<string, unknown>)['key'], text); // an object: it had a value
  }
  const version = texts.get('service.version');
  return {
    // OpenTelemetry's own word for a service that does not say its name.
    service: texts.get('service.name') ?? 'unknown_service',
    instance: texts.get('service.instance.id') ?? '',
    ...(version !== undefined && { version }),
  };
}

function unreadable(why: string): Error {
  return ledgerError('BODY_UNREADABLE', why);
}
