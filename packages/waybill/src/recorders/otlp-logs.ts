import { quote } from '../core/bindings.ts';
import type { Fact } from '../core/facts.ts';

/** Facts as the body of an OTLP/HTTP JSON request for `/v1/logs`; the mapping is docs/wire-format.md's. */
export function encodeLogs(facts: readonly Fact[]): string {
  const resources = new Map<string, string>();
  let last: Fact | undefined;
  let resource = '';
  let records = '';
  const close = () => {
    if (last === undefined) return;
    const others = resources.get(resource);
    resources.set(resource, others === undefined ? records : `${others},${records}`);
  };
  for (const fact of facts) {
    // Nearly always one instance records: its resource is made once for all of its facts.
    if (last?.service !== fact.service || last.instance !== fact.instance || last.version !== fact.version) {
      close();
      resource = resourceOf(fact);
      records = '';
    }
    last = fact;
    records += records === '' ? recordOf(fact) : `,${recordOf(fact)}`;
  }
  close();
  let logs = '';
  for (const [attributes, group] of resources) {
    logs += `${logs === '' ? '' : ','}{"resource":{"attributes":[${attributes}]},"scopeLogs":[{"scope":{"name":"waybill"},"logRecords":[${group}]}]}`;
  }
  return `{"resourceLogs":[${logs}]}`;
}

function resourceOf(fact: Fact): string {
  const version =
    fact.version === undefined ? '' : `,{"key":"service.version","value":{"stringValue":${quote(fact.version)}}}`;
  return `{"key":"service.name","value":{"stringValue":${quote(fact.service)}}},{"key":"service.instance.id","value":{"stringValue":${quote(
    fact.instance,
  )}}}${version}`;
}

/** Fields that have a place of their own in a record or its resource. */
const PLACED = new Set(['kind', 'at', 'service', 'instance', 'version', 'trace_id', 'span_id']);
/** Fields for which OpenTelemetry has a convention; all others are `waybill.<field>`. */
const CONVENTIONS: Readonly<Record<string, string>> = {
  system: 'messaging.system',
  destination: 'messaging.destination.name',
  subscription: 'messaging.destination.subscription.name',
  broker_id: 'messaging.message.id',
  'error.type': 'error.type',
};
const INFO = 9;

/** One field's attribute, begun; and its last text, because most values come many times in a row. */
interface Attribute {
  readonly isPlaced: boolean;
  readonly text: string;
  readonly int: string;
  readonly bool: string;
  readonly list: string;
  readonly leaves: Map<string, Attribute>;
  readonly field: string;
  lastValue: string;
  lastText: string;
}

function attributeOf(among: Map<string, Attribute>, field: string): Attribute {
  const opening = `,{"key":"${CONVENTIONS[field] ?? `waybill.${field}`}","value":{"`;
  const attribute: Attribute = {
    isPlaced: PLACED.has(field),
    text: `${opening}stringValue":`,
    int: `${opening}intValue":"`,
    bool: `${opening}boolValue":`,
    list: `${opening}arrayValue":{"values":[`,
    leaves: new Map(),
    field,
    lastValue: '',
    lastText: `${opening}stringValue":""}}`,
  };
  among.set(field.slice(field.lastIndexOf('.') + 1), attribute);
  return attribute;
}

const attributes = new Map<string, Attribute>();

function recordOf(fact: Fact): string {
  let encoded = '';
  for (const field in fact) {
    // Sound: `field` is one of the fact's own keys.
    const value = (fact as unknown as Record<string, unknown>)[field];
    if (value === undefined || value === null) continue;
    const attribute = attributes.get(field) ?? attributeOf(attributes, field);
    if (!attribute.isPlaced) encoded += encode(attribute, value);
  }
  const { trace_id: traceId, span_id: spanId } = fact as { trace_id?: string; span_id?: string };
  const ids = `${traceId ? `,"traceId":${quote(traceId)}` : ''}${spanId ? `,"spanId":${quote(spanId)}` : ''}`;
  const nanos = `${Math.trunc(fact.at)}000000`;
  // The first attribute brings a comma, which an attribute that is always there takes in.
  return `{"timeUnixNano":"${nanos}","observedTimeUnixNano":"${nanos}","severityNumber":${INFO},"eventName":"waybill.${fact.kind}"${ids},"attributes":[{"key":"waybill.kind","value":{"stringValue":"${fact.kind}"}}${encoded}]}`;
}

/** The attribute with a comma before it, or one for each leaf of an object; nothing for what OTLP cannot hold. */
function encode(attribute: Attribute, value: unknown): string {
  if (typeof value === 'string') {
    if (value !== attribute.lastValue) {
      attribute.lastValue = value;
      attribute.lastText = `${attribute.text}${quote(value)}}}`;
    }
    return attribute.lastText;
  }
  // One that is no integer of OTLP's would have the whole request refused.
  if (typeof value === 'number') {
    const int = Math.trunc(value);
    return Number.isSafeInteger(int) ? `${attribute.int}${int}"}}` : '';
  }
  if (typeof value === 'boolean') return `${attribute.bool}${value}}}`;
  if (Array.isArray(value)) {
    return `${attribute.list}${value.map((item) => `{"stringValue":${quote(String(item))}}`).join(',')}]}}}`;
  }
  let leaves = '';
  if (typeof value !== 'object' || value === null) return leaves;
  for (const [name, leaf] of Object.entries(value)) {
    if (leaf === undefined || leaf === null) continue;
    leaves += encode(attribute.leaves.get(name) ?? attributeOf(attribute.leaves, `${attribute.field}.${name}`), leaf);
  }
  return leaves;
}
