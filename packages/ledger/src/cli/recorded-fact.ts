/** A fact that the command line itself has to tell: by the names of its fields, those that are not known left out. */
export type RecordedFact = Readonly<Record<string, unknown>> & {
  readonly kind: string;
  readonly at: number;
  readonly service: string;
  readonly instance: string;
};

/** Fields that have a place of their own in a record or its resource. */
const PLACED = new Set(['at', 'service', 'instance', 'trace_id']);
/** Fields for which OpenTelemetry has a convention; all others are `waybill.<field>`. */
const CONVENTIONS: Readonly<Record<string, string>> = {
  system: 'messaging.system',
  destination: 'messaging.destination.name',
};

/** The fact as an OTLP/JSON request for `/v1/logs`, as recorders send it; only texts are among its fields. */
export function exportOf(fact: RecordedFact): object {
  const { kind, at, service, instance, trace_id: traceId } = fact;
  const fields = Object.entries(fact).filter(([name, value]) => !PLACED.has(name) && typeof value === 'string');
  const attributes = fields.map(([name, value]) => attribute(CONVENTIONS[name] ?? `waybill.${name}`, value));
  const record = { timeUnixNano: `${at}000000`, eventName: `waybill.${kind}`, traceId, attributes };
  const resource = {
    attributes: [attribute('service.name', service), attribute('service.instance.id', instance)],
  };
  return { resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'waybill' }, logRecords: [record] }] }] };
}

function attribute(key: string, stringValue: unknown): object {
  return { key, value: { stringValue } };
}
