import type { Fact } from 'waybill';
import { ledgerError } from '../errors.ts';
import { isObject } from './attribute-value.ts';
import { type Origin, readRecord } from './fact-record.ts';
import { isNestedDeeper } from './nesting.ts';

/** What a request held: the facts, and how many records called themselves facts and were none. */
interface DecodedLogs {
  readonly facts: Fact[];
  readonly rejected: number;
  /** Why they were rejected, for people. */
  readonly reason?: string;
}

/** An attribute of 64 levels takes 256 of JSON: what is deeper than this is no request, whichever record it is in. */
const jsonLevelsMax = 512;
const reasonsMax = 3;

/** Reads the items of a request in some encoding, each with what its resource says. */
export type ReadItems = (body: Uint8Array) => Iterable<readonly [item: unknown, origin: Origin]>;

/**
 * Reads the body of an OTLP/HTTP request for `/v1/logs`, in JSON if nothing else is said. Records that are no facts are
 * skipped, bad ones are counted, and the good ones beside them are kept.
 *
 * @throws BODY_UNREADABLE where the body as a whole is no such request.
 */
export function decodeLogs(body: Uint8Array, readItems: ReadItems = logRecordsOf): DecodedLogs {
  const facts: Fact[] = [];
  const reasons = new Map<string, number>();
  for (const [record, origin] of readItems(body)) {
    const reading = readRecord(record, origin);
    if (reading === null) continue;
    if ('fact' in reading) facts.push(reading.fact);
    else reasons.set(reading.rejected, (reasons.get(reading.rejected) ?? 0) + 1);
  }
  const rejected = [...reasons.values()].reduce((sum, count) => sum + count, 0);
  return rejected === 0 ? { facts, rejected } : { facts, rejected, reason: summaryOf(reasons) };
}

/** The log records of an OTLP/JSON request. */
export function* logRecordsOf(body: Uint8Array): Generator<[record: unknown, origin: Origin]> {
  for (const resourceLogs of listIn(parse(body), 'resourceLogs')) {
    const origin = originOf(resourceLogs);
    for (const scopeLogs of listIn(resourceLogs, 'scopeLogs')) {
      for (const record of listIn(scopeLogs, 'logRecords')) yield [record, origin];
    }
  }
}

function parse(body: Uint8Array): unknown {
  if (isNestedDeeper(body, jsonLevelsMax)) throw unreadable(`it is nested more than ${jsonLevelsMax} levels deep`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw unreadable('it is not UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the body, which may hold what nobody wants in a log.
    throw unreadable('it is not JSON');
  }
}

/** A list that may be left out; anything else there is no OTLP. */
function listIn(parent: unknown, name: string): readonly unknown[] {
  if (!isObject(parent)) throw unreadable(`what holds "${name}" is no object`);
  const list = parent[name] ?? [];
  if (!Array.isArray(list)) throw unreadable(`"${name}" is no list`);
  return list;
}

export function originOf(resourceLogs: unknown): Origin {
  const resource = isObject(resourceLogs) ? resourceLogs['resource'] : undefined;
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

function summaryOf(reasons: ReadonlyMap<string, number>): string {
  const told = [...reasons]
    .slice(0, reasonsMax)
    .map(([why, count]) => `${count === 1 ? '1 record' : `${count} records`}: ${why}`);
  if (reasons.size > reasonsMax) told.push(`and ${reasons.size - reasonsMax} more reasons`);
  return told.join('; ');
}

function unreadable(why: string): Error {
  return ledgerError('BODY_UNREADABLE', why);
}
