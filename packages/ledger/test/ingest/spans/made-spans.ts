import { createHash } from 'node:crypto';
import type { MessageFact } from 'waybill';
import { decodeTraces } from '../../../src/ingest/decode-traces.ts';
import { derivedId } from '../../../src/ingest/spans/derived-id.ts';
import type { Span } from '../../../src/ingest/spans/span.ts';

/** A span as a test tells of it: named by a word, and in trace `t` unless it says another. */
export interface ToldSpan {
  readonly name: string;
  readonly trace?: string;
  readonly parent?: string;
  readonly kind?: 'INTERNAL' | 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER';
  /** The spans that it links to: a word, or `trace/word`. */
  readonly links?: readonly string[];
  readonly service?: string;
  /** Unix ms, 10,000 if left out; it takes 10 ms. */
  readonly at?: number;
  readonly error?: string;
  readonly attributes?: Readonly<Record<string, string | number>>;
}

export function hexId(word: string, digits: 16 | 32): string {
  return createHash('sha256').update(word).digest('hex').slice(0, digits);
}

/** What a producer, a consumer and a server of today's instrumentations say at least. */
const USUAL: Readonly<Record<string, Readonly<Record<string, string | number>>>> = {
  PRODUCER: {
    'messaging.system': 'rabbitmq',
    'messaging.destination.name': 'orders',
    'messaging.operation.type': 'send',
  },
  CONSUMER: {
    'messaging.system': 'rabbitmq',
    'messaging.destination.name': 'orders',
    'messaging.operation.type': 'process',
  },
  SERVER: { 'http.request.method': 'POST', 'http.route': '/orders', 'http.response.status_code': 201 },
};

const KINDS = ['INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];

/** As OTLP/JSON has it. */
export function itemOf(told: ToldSpan): Record<string, unknown> {
  const { name, trace = 't', parent, kind = 'INTERNAL', links = [], at = 10_000, error, attributes } = told;
  return {
    traceId: hexId(trace, 32),
    spanId: hexId(name, 16),
    ...(parent !== undefined && { parentSpanId: hexId(parent, 16) }),
    kind: KINDS.indexOf(kind) + 1,
    name,
    startTimeUnixNano: `${at}123456`,
    endTimeUnixNano: `${at + 10}654321`,
    links: links.map((link) => {
      const [span = '', other = trace] = link.split('/').reverse();
      return { traceId: hexId(other, 32), spanId: hexId(span, 16) };
    }),
    attributes: attributesOf(attributes ?? USUAL[kind] ?? {}),
    status: error === undefined ? {} : { code: 2, message: error },
  };
}

export function attributesOf(attributes: Readonly<Record<string, string | number>>): object[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }));
}

/** A request for `/v1/traces`, each span under its own resource. */
export function tracesBody(told: readonly ToldSpan[]): Uint8Array<ArrayBuffer> {
  const resourceSpans = told.map((span) => {
    const service = { 'service.name': span.service ?? 'shop', 'service.instance.id': `${span.service ?? 'shop'}-1` };
    return { resource: { attributes: attributesOf(service) }, scopeSpans: [{ spans: [itemOf(span)] }] };
  });
  return new TextEncoder().encode(JSON.stringify({ resourceSpans }));
}

export function spansOf(told: readonly ToldSpan[]): Span[] {
  const { spans, rejected } = decodeTraces(tracesBody(told));
  if (rejected > 0) throw new Error(`${rejected} spans of the test are none`);
  return spans;
}

/** The ids that are made of the spans, by what they are. */
export function namesOf(told: readonly ToldSpan[]): Map<string, string> {
  const names = new Map<string, string>();
  const all = told.flatMap(({ name, trace = 't', parent, links = [] }) => [
    { span: name, trace },
    ...(parent === undefined ? [] : [{ span: parent, trace }]),
    ...links.map((link) => {
      const [span = '', other = trace] = link.split('/').reverse();
      return { span, trace: other };
    }),
  ]);
  for (const { span, trace } of all)
    for (const prefix of ['msg', 'req', 'exe', 'bat'] as const)
      names.set(derivedId(prefix, hexId(trace, 32), hexId(span, 16)), `${prefix}:${span}`);
  return names;
}

/** A fact in a line: what happened to which message, in which workflow, caused by what. */
export function lineOf(fact: MessageFact, names: ReadonlyMap<string, string>): string {
  const named = (id: string) => names.get(id) ?? id;
  const message = `${named(fact.message_id)} in ${named(fact.correlation_id)}`;
  const cause = fact.causation_id === null ? '' : ` by ${named(fact.causation_id)}`;
  switch (fact.kind) {
    case 'sent': {
      const by = fact.by_execution_id === undefined ? '' : ` of ${named(fact.by_execution_id)}`;
      return `sent ${message}${cause}${by}${fact.status === 'taken' ? '' : `: ${fact.status}`}`;
    }
    case 'started': {
      const batch =
        fact.batch === undefined ? '' : ` ${fact.batch.index + 1}/${fact.batch.count} of ${named(fact.batch.id)}`;
      const { mode, reason } = fact.trace_mode;
      return `started ${message}${cause} as ${named(fact.execution_id)}${batch}, ${mode} ${reason}`;
    }
    case 'settled':
      return `settled ${named(fact.message_id)} ${fact.outcome}${fact.error ? `: ${fact.error.type} ${fact.error.message}` : ''}`;
    default:
      return `${fact.kind} ${message}${cause}`;
  }
}
