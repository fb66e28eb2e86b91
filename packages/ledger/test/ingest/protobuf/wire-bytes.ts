/** How a field is written, by the schemas of OpenTelemetry; apart from what reads them, so that both are checked. */
type Way = 'text' | 'hex' | 'base64' | 'fixed64' | 'fixed32' | 'varint' | 'flag' | 'double' | Schema;
type Schema = { readonly [name: string]: readonly [number: number, way: Way] };

const VALUE: Schema = {
  stringValue: [1, 'text'],
  boolValue: [2, 'flag'],
  intValue: [3, 'varint'],
  doubleValue: [4, 'double'],
  get arrayValue(): [number, Way] {
    return [5, { values: [1, VALUE] }];
  },
  get kvlistValue(): [number, Way] {
    return [6, { values: [1, ATTRIBUTE] }];
  },
  bytesValue: [7, 'base64'],
};
const ATTRIBUTE: Schema = { key: [1, 'text'], value: [2, VALUE] };
const RESOURCE: Schema = { attributes: [1, ATTRIBUTE], droppedAttributesCount: [2, 'varint'] };
const SCOPE: Schema = { name: [1, 'text'], version: [2, 'text'], attributes: [3, ATTRIBUTE] };

const LOG_RECORD: Schema = {
  timeUnixNano: [1, 'fixed64'],
  severityNumber: [2, 'varint'],
  severityText: [3, 'text'],
  body: [5, VALUE],
  attributes: [6, ATTRIBUTE],
  droppedAttributesCount: [7, 'varint'],
  flags: [8, 'fixed32'],
  traceId: [9, 'hex'],
  spanId: [10, 'hex'],
  observedTimeUnixNano: [11, 'fixed64'],
  eventName: [12, 'text'],
};

const EVENT: Schema = { timeUnixNano: [1, 'fixed64'], name: [2, 'text'], attributes: [3, ATTRIBUTE] };
const LINK: Schema = {
  traceId: [1, 'hex'],
  spanId: [2, 'hex'],
  traceState: [3, 'text'],
  attributes: [4, ATTRIBUTE],
  flags: [6, 'fixed32'],
};
const SPAN: Schema = {
  traceId: [1, 'hex'],
  spanId: [2, 'hex'],
  traceState: [3, 'text'],
  parentSpanId: [4, 'hex'],
  name: [5, 'text'],
  kind: [6, 'varint'],
  startTimeUnixNano: [7, 'fixed64'],
  endTimeUnixNano: [8, 'fixed64'],
  attributes: [9, ATTRIBUTE],
  droppedAttributesCount: [10, 'varint'],
  events: [11, EVENT],
  droppedEventsCount: [12, 'varint'],
  links: [13, LINK],
  droppedLinksCount: [14, 'varint'],
  status: [15, { message: [2, 'text'], code: [3, 'varint'] }],
  flags: [16, 'fixed32'],
};

const LOGS: Schema = {
  resourceLogs: [
    1,
    {
      resource: [1, RESOURCE],
      scopeLogs: [2, { scope: [1, SCOPE], logRecords: [2, LOG_RECORD], schemaUrl: [3, 'text'] }],
    },
  ],
};
const TRACES: Schema = {
  resourceSpans: [
    1,
    { resource: [1, RESOURCE], scopeSpans: [2, { scope: [1, SCOPE], spans: [2, SPAN], schemaUrl: [3, 'text'] }] },
  ],
};

/** Changes what a message is written as: puts its fields in another order, or others between them. */
export type Disturb = (fields: Buffer[]) => Buffer[];
const undisturbed: Disturb = (fields) => fields;

/** An OTLP/JSON request, as protobuf. */
export const logsBytes = (request: object, disturb = undisturbed) => messageBytes(request, LOGS, disturb);
export const tracesBytes = (request: object, disturb = undisturbed) => messageBytes(request, TRACES, disturb);

function messageBytes(message: object, schema: Schema, disturb: Disturb): Buffer<ArrayBuffer> {
  const fields = Object.entries(message).flatMap(([name, given]) => {
    const [number, way] = schema[name] ?? [];
    if (number === undefined || way === undefined) throw new Error(`no schema has ${name} here`);
    return (Array.isArray(given) ? given : [given]).map((one: unknown) => field(number, way, one, disturb));
  });
  return Buffer.concat(disturb(fields));
}

function field(number: number, way: Way, value: unknown, disturb: Disturb): Buffer {
  // Sound, here and below: what a test writes is of the schema.
  if (typeof way === 'object') return lengthField(number, messageBytes(value as object, way, disturb));
  if (way === 'text') return lengthField(number, Buffer.from(value as string));
  if (way === 'hex' || way === 'base64') return lengthField(number, Buffer.from(value as string, way));
  if (way === 'varint' || way === 'flag') return Buffer.concat([tag(number, 0), varint(BigInt(value as string))]);
  const bytes = Buffer.alloc(way === 'fixed32' ? 4 : 8);
  if (way === 'fixed32') bytes.writeUInt32LE(value as number);
  else if (way === 'fixed64') bytes.writeBigUInt64LE(BigInt(value as string));
  else bytes.writeDoubleLE(Number(value));
  return Buffer.concat([tag(number, way === 'fixed32' ? 5 : 1), bytes]);
}

export function tag(number: number, way: number): Buffer {
  return varint(BigInt(number * 8 + way));
}

export function lengthField(number: number, bytes: Uint8Array | string): Buffer<ArrayBuffer> {
  const content = Buffer.from(bytes as string); // a copy, whichever it is
  return Buffer.concat([tag(number, 2), varint(BigInt(content.length)), content]);
}

/** Negative ones are of 64 bits, as protobuf has it. */
export function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}
