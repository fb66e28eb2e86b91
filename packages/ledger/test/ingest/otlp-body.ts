import type { Fact } from 'waybill';

/** One record as OTLP/JSON has it: what a test leaves out is not there. */
export interface TestRecord {
  eventName?: unknown;
  timeUnixNano?: unknown;
  traceId?: unknown;
  spanId?: unknown;
  attributes?: unknown;
}

const CONVENTIONS: Record<string, string> = {
  system: 'messaging.system',
  destination: 'messaging.destination.name',
  subscription: 'messaging.destination.subscription.name',
  broker_id: 'messaging.message.id',
  'error.type': 'error.type',
};

/** The record of a fact, by the table in docs/wire-format.md; written apart from the library, so that both are checked. */
export function recordOf({ kind, at, service, instance, version, ...fields }: Fact): TestRecord {
  const { trace_id, span_id, ...rest } = fields as Record<string, unknown>;
  return {
    timeUnixNano: `${at}000000`,
    eventName: `waybill.${kind}`,
    ...(trace_id !== undefined && { traceId: trace_id }),
    ...(span_id !== undefined && { spanId: span_id }),
    attributes: Object.entries(rest).flatMap(([name, value]) => attributesOf(name, value)),
  };
}

function attributesOf(name: string, value: unknown): { key: string; value: object }[] {
  const key = CONVENTIONS[name] ?? `waybill.${name}`;
  if (value === null || value === undefined) return [];
  if (typeof value === 'string') return [{ key, value: { stringValue: value } }];
  if (typeof value === 'number') return [{ key, value: { intValue: String(value) } }];
  if (typeof value === 'boolean') return [{ key, value: { boolValue: value } }];
  if (Array.isArray(value))
    return [{ key, value: { arrayValue: { values: value.map((stringValue) => ({ stringValue })) } } }];
  return Object.entries(value).flatMap(([leaf, inner]) => attributesOf(`${name}.${leaf}`, inner));
}

/** A request with one resource and these records. */
export function bodyOf(
  records: readonly unknown[],
  resource: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const attributes = Object.entries(resource).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  const body = {
    resourceLogs: [{ resource: { attributes }, scopeLogs: [{ scope: { name: 'waybill' }, logRecords: records }] }],
  };
  return new TextEncoder().encode(JSON.stringify(body));
}

/** A request as a recorder would send it: each fact under its own resource. */
export function bodyOfFacts(facts: readonly Fact[]): Uint8Array<ArrayBuffer> {
  const resourceLogs = facts.map((fact) => {
    const { service, instance, version } = fact;
    const resource = {
      'service.name': service,
      'service.instance.id': instance,
      ...(version && { 'service.version': version }),
    };
    const attributes = Object.entries(resource).map(([key, stringValue]) => ({ key, value: { stringValue } }));
    return { resource: { attributes }, scopeLogs: [{ scope: { name: 'waybill' }, logRecords: [recordOf(fact)] }] };
  });
  return new TextEncoder().encode(JSON.stringify({ resourceLogs }));
}
