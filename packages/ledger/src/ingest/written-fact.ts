import type { Fact } from 'waybill';
import { type AnyValue, isObject, time } from './attribute-value.ts';
import { FACT_FORMS, type Field } from './fact-fields.ts';
import { readRecord } from './fact-record.ts';

type Written = Readonly<Record<string, unknown>>;

/** A fact as a document has it, which people read: its times are RFC 3339. */
export function writtenFact(fact: Fact): Written {
  const written: Record<string, unknown> = { ...fact, at: textOf(fact.at) };
  for (const name of timesOf(fact.kind)) if (name in written) written[name] = textOf(Number(written[name]));
  return written;
}

/**
 * The fact that a document has, held to all that a record is held to; or why it is none. Times may also be Unix
 * milliseconds, and bindings an object.
 */
export function readWrittenFact(value: unknown): { readonly fact: Fact } | { readonly rejected: string } {
  if (!isObject(value)) return { rejected: 'it is no object' };
  const { kind, at, service, instance, version, trace_id: traceId, span_id: spanId } = value;
  if (typeof service !== 'string' || typeof instance !== 'string')
    return { rejected: 'service or instance is no text' };
  const fields = FACT_FORMS.get(String(kind))?.byAttribute.values() ?? [];
  const attributes = [...fields].flatMap((field) => attributeOf(field, value));
  const record = { eventName: `waybill.${kind}`, timeUnixNano: `${instantOf(at)}000000`, traceId, spanId, attributes };
  const origin = { service, instance, ...(typeof version === 'string' && { version }) };
  // Null is what is no fact at all, and this says that it is one.
  return readRecord(record, origin) ?? { rejected: 'its kind is not known' };
}

function timesOf(kind: Fact['kind']): string[] {
  const fields = [...(FACT_FORMS.get(kind)?.byAttribute.values() ?? [])];
  return fields.filter(({ read }) => read === time).map(({ name }) => name);
}

function textOf(at: number): string {
  return new Date(at).toISOString();
}

function attributeOf({ attribute, within, name, read }: Field, fact: Written): { key: string; value: AnyValue }[] {
  let inner: unknown = fact;
  for (const outer of [...within, name]) inner = isObject(inner) ? inner[outer] : undefined;
  if (inner === undefined || inner === null) return [];
  return [{ key: attribute, value: anyValueOf(read === time ? instantOf(inner) : inner, attribute) }];
}

/** What is no time stays what it is, and is rejected as that. */
function instantOf(value: unknown): unknown {
  const instant = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(instant) ? value : instant;
}

function anyValueOf(value: unknown, attribute: string): AnyValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'number') return { intValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map((each) => ({ stringValue: each })) } };
  return attribute === 'waybill.bindings' ? { stringValue: JSON.stringify(value) } : { kvlistValue: {} };
}
