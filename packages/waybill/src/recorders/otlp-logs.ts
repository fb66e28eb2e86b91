import { quote } from '../core/bindings.ts';
import type { Fact } from '../core/facts.ts';

/** Facts as the body of an OTLP/HTTP JSON request for `/v1/logs`; the mapping is docs/wire-format.md's. */
export function encodeLogs(facts: readonly Fact[]): string {
  const resources = new Map<string, string[]>();
  for (const fact of facts) {
    const resource = resourceOf(fact);
    const records = resources.get(resource);
    if (records === undefined) resources.set(resource, [recordOf(fact)]);
    else records.push(recordOf(fact));
  }
  let logs = '';
  for (const [resource, records] of resources) {
    logs += `${logs === '' ? '' : ','}{"resource":{"attributes":[${resource}]},"scopeLogs":[{"scope":{"name":"waybill"},"logRecords":[${records.join(',')}]}]}`;
  }
  return `{"resourceLogs":[${logs}]}`;
}

function resourceOf(fact: Fact): string {
  const version = fact.version === undefined ? '' : `,${textAttribute('service.version', fact.version)}`;
  return `${textAttribute('service.name', fact.service)},${textAttribute('service.instance.id', fact.instance)}${version}`;
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

function recordOf(fact: Fact): string {
  let attributes = '';
  for (const field in fact) {
    if (PLACED.has(field)) continue;
    // Sound: `field` is one of the fact's own keys.
    const encoded = attributeOf(field, (fact as unknown as Record<string, unknown>)[field]);
    if (encoded !== '') attributes += attributes === '' ? encoded : `,${encoded}`;
  }
  const { trace_id: traceId, span_id: spanId } = fact as { trace_id?: string; span_id?: string };
  const ids = `${traceId ? `,"traceId":${quote(traceId)}` : ''}${spanId ? `,"spanId":${quote(spanId)}` : ''}`;
  const nanos = `${Math.trunc(fact.at)}000000`;
  return `{"timeUnixNano":"${nanos}","observedTimeUnixNano":"${nanos}","severityNumber":${INFO},"eventName":"waybill.${fact.kind}"${ids},"attributes":[${attributes}]}`;
}

function textAttribute(key: string, value: string): string {
  return `{"key":"${key}","value":{"stringValue":${quote(value)}}}`;
}

/** One attribute, or one for each leaf of an object; nothing for what is absent. */
function attributeOf(field: string, value: unknown): string {
  const key = CONVENTIONS[field] ?? `waybill.${field}`;
  if (typeof value === 'string') return textAttribute(key, value);
  if (typeof value === 'number') return `{"key":"${key}","value":{"intValue":"${Math.trunc(value)}"}}`;
  if (typeof value === 'boolean') return `{"key":"${key}","value":{"boolValue":${value}}}`;
  if (Array.isArray(value)) {
    const items = value.map((item) => `{"stringValue":${quote(String(item))}}`).join(',');
    return `{"key":"${key}","value":{"arrayValue":{"values":[${items}]}}}`;
  }
  if (typeof value !== 'object' || value === null) return '';
  const leaves = Object.entries(value).map(([name, leaf]) => attributeOf(`${field}.${name}`, leaf));
  return leaves.filter((leaf) => leaf !== '').join(',');
}
