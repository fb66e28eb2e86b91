import type { Fact } from 'waybill';
import { type AnyValue, isObject, isTooDeep, misfit } from './attribute-value.ts';
import { FACT_FORMS, type FactForm, fieldsMax, type PlacedField } from './fact-fields.ts';
import type { Origin } from './otlp-request.ts';
import { hexOf, readOrRejected, reject, timeOf } from './record-value.ts';

/** A fact; null for a record of something else; or the reason why it is rejected. */
type Reading = { readonly fact: Fact } | { readonly rejected: string } | null;

type Draft = Record<string, unknown>;

/**
 * What one record says, field by field, and in which reading each came last. An object that grew with each of them took
 * a third of all the time: so those that every fact has are laid down at once, and the others after them.
 */
const values: unknown[] = Array.from({ length: fieldsMax });
const cameIn = new Float64Array(fieldsMax);
let reading = 0;

/** Reads one OTLP log record. What it lacks is not made up: then there is no fact. */
export function readRecord(record: unknown, origin: Origin): Reading {
  if (!isObject(record)) return { rejected: 'the record is no object' };
  const { attributes = [] } = record;
  if (!Array.isArray(attributes)) return { rejected: 'attributes is no list' };
  const event = eventNameOf(record, attributes);
  if (!event?.startsWith('waybill.')) return null;
  const form = FACT_FORMS.get(event.slice('waybill.'.length));
  if (form === undefined) return { rejected: 'its kind is not known' };
  return readOrRejected(() => ({ fact: factOf(event.slice('waybill.'.length), form, record, attributes, origin) }));
}

function eventNameOf({ eventName }: AnyValue, attributes: readonly unknown[]): string | undefined {
  if (typeof eventName === 'string' && eventName !== '') return eventName;
  // Collectors from before event names existed drop them, and keep attributes.
  const kind = textAt(attributes, 'waybill.kind');
  return kind === undefined ? textAt(attributes, 'event.name') : `waybill.${kind}`;
}

function textAt(attributes: readonly unknown[], key: string): string | undefined {
  const named = attributes.find((each) => isObject(each) && each['key'] === key);
  const value = isObject(named) ? named['value'] : undefined;
  const text = isObject(value) ? value['stringValue'] : undefined;
  return typeof text === 'string' ? text : undefined;
}

function factOf(
  kind: string,
  form: FactForm,
  { timeUnixNano, traceId, spanId }: AnyValue,
  attributes: readonly unknown[],
  origin: Origin,
): Fact {
  const at = timeOf(timeUnixNano, 'timeUnixNano');
  const others: PlacedField[] = [];
  reading++;
  for (const attribute of attributes) readAttribute(others, form, attribute);
  const draft = kind === 'dropped' ? { kind, at, ...origin } : everywhere(kind, at, origin);
  for (const field of others) put(draft, field);
  for (const field of form.missable) checkAbsence(draft, field);
  if (kind !== 'dropped') {
    draft['trace_id'] = hexOf(traceId, 'traceId', 32) ?? reject('traceId is missing');
    const span = hexOf(spanId, 'spanId', 16);
    if (span !== undefined) draft['span_id'] = span;
  }
  // Sound: every field that this kind must have was read and checked, and no other was written.
  return draft as unknown as Fact;
}

/** Notes in `others` what not every fact has. */
function readAttribute(others: PlacedField[], { byAttribute }: FactForm, attribute: unknown): void {
  if (!isObject(attribute)) reject('an attribute is no object');
  const { key = '', value = {} } = attribute; // OTLP/JSON leaves empty texts out
  if (typeof key !== 'string' || !isObject(value)) reject('an attribute has no key or value');
  if (
    typeof value['stringValue'] !== 'string' &&
    ('arrayValue' in value || 'kvlistValue' in value) &&
    isTooDeep(value)
  ) {
    reject('an attribute is nested more than 64 levels deep');
  }
  const field = byAttribute.get(key);
  if (field === undefined) return; // of a newer version, another kind, or somebody else's
  const read = field.read(value);
  if (read === misfit) reject(`${key} is not ${field.read.expected}`);
  if (read === undefined) return;
  if (cameIn[field.place] === reading) reject(`${key} is there twice`);
  cameIn[field.place] = reading;
  values[field.place] = read;
  if (!field.isEverywhere) others.push(field);
}

/** What every fact of a message has, of what came: whether all of it did is asked later. */
function everywhere(kind: string, at: number, { service, instance, version }: Origin): Draft {
  const came = (place: number) => (cameIn[place] === reading ? values[place] : null);
  const draft: Draft = {
    kind,
    at,
    service,
    instance,
    fact_id: came(0),
    message_id: came(1),
    correlation_id: came(2),
    causation_id: came(3),
    system: came(4),
    destination: came(5),
    tenant_id: came(6),
    operation: came(7),
    event_type: came(8),
    // A recorder counts from 1, so 0 says that this one does not count.
    seq: came(9) ?? 0,
    trace_id: '',
  };
  if (version !== undefined) draft['version'] = version;
  return draft;
}

/** Writes the field where it lies; these names are our own, never the record's. */
function put(draft: Draft, { within, name, place }: PlacedField): void {
  const target = within.length === 0 ? draft : innerOf(draft, within);
  target[name] = values[place];
}

function innerOf(draft: Draft, within: readonly string[]): Draft {
  let target = draft;
  for (const outer of within) {
    target[outer] ??= {};
    target = target[outer] as Draft; // an object: nothing else is written under these names
  }
  return target;
}

function checkAbsence(draft: Draft, { attribute, within, name, absence, place }: PlacedField): void {
  if (cameIn[place] === reading) return;
  let target: Draft | undefined = draft;
  for (const outer of within) target = target?.[outer] as Draft | undefined; // as in `innerOf`
  if (absence === 'incomplete' && target === undefined) return;
  if (absence === 'null' && target !== undefined) target[name] = null;
  else reject(`${attribute} is missing`);
}
