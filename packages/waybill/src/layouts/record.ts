import { bindingsJsonOf, bindingsOf } from '../core/bindings.ts';
import type { Envelope, Gap } from '../core/envelope.ts';
import { type ReceivedCarrier, readHeaders, writeHeaders } from './headers.ts';

/** The key under which Python's structlog users keep bindings in such a column. */
const RECORD_BINDINGS_KEY = 'structlog_context';

type Column = Readonly<Record<string, unknown>>;

function isColumn(value: unknown): value is Column {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A JSON column with the context in it: the W3C keys, the waybill, and the bindings as an object that other
 * languages read. No budget; what is there beside stays. Readers that know only W3C ignore the rest.
 */
export function writeRecord(envelope: Envelope, column: unknown, bindingsKey: string = RECORD_BINDINGS_KEY): Column {
  const kept = isColumn(column) ? column : {};
  if (envelope.isExternal) return kept;
  const own = writeHeaders({ ...envelope, bindingsJson: null }, {}, Number.POSITIVE_INFINITY);
  return { ...kept, ...own, [bindingsKey]: wellFormed(bindingsOf(envelope.bindingsJson)) };
}

/**
 * As a database takes them: PostgreSQL's jsonb refuses NUL and half a surrogate pair, and the app's insert would fail
 * because of a log field. The waybill beside them is ASCII.
 */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\ufffd');
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [wellFormed(name), wellFormed(item)]));
}

/** Reads it, whoever wrote it: bindings are restored also where there is no waybill beside them. */
export function readRecord(column: unknown, bindingsKey: string = RECORD_BINDINGS_KEY): RecordContext {
  if (!isColumn(column)) return { envelope: 'absent', bindingsJson: null };
  const fields = column[bindingsKey];
  const bindingsJson = isColumn(fields) ? bindingsJsonOf(fields) : null;
  const read = readHeaders(column as ReceivedCarrier);
  const envelope = typeof read === 'object' && 'messageId' in read ? { ...read, bindingsJson } : read;
  return { envelope, bindingsJson };
}

interface RecordContext {
  readonly envelope: Envelope | Gap;
  /** JSON text of one object; also where the envelope is a gap. */
  readonly bindingsJson: string | null;
}
