import { type AnyValue, isObject } from '../attribute-value.ts';
import type { Origin } from '../otlp-request.ts';
import { hexOf, readOrRejected, reject, timeOf } from '../record-value.ts';
import type { Span, SpanContext, SpanKind } from './span.ts';
import { readSpanAttributes } from './span-attributes.ts';

const linksMax = 128;
const eventsMax = 128;
const nameLengthMax = 256;
const errorLengthMax = 1_024;

/** In the order of OTLP's numbers, from 0 on. */
const KINDS: readonly SpanKind[] = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'];
const STATUS_ERROR = 2;

/** Reads one span of OTLP/JSON; or says why it is none. */
export function readSpan(item: unknown, origin: Origin): Span | { readonly rejected: string } {
  if (!isObject(item)) return { rejected: 'the span is no object' };
  return readOrRejected(() => spanOf(item, origin));
}

function spanOf(item: AnyValue, origin: Origin): Span {
  const parent = hexOf(item['parentSpanId'], 'parentSpanId', 16);
  const links = linksOf(listOf(item, 'links'));
  const { attributes, errorMessage } = withException(item);
  const version = shortText(origin.version, nameLengthMax);
  return {
    trace_id: hexOf(item['traceId'], 'traceId', 32) ?? reject('traceId is missing'),
    span_id: hexOf(item['spanId'], 'spanId', 16) ?? reject('spanId is missing'),
    ...(parent !== undefined && { parent_span_id: parent }),
    kind: kindOf(item['kind']),
    name: shortText(item['name'], nameLengthMax) ?? '',
    started_at: timeOf(item['startTimeUnixNano'], 'startTimeUnixNano'),
    ended_at: timeOf(item['endTimeUnixNano'], 'endTimeUnixNano'),
    ...(links.length > 0 && { links }),
    ...attributes,
    ...(isError(item['status']) && { is_error: true }),
    ...(errorMessage !== undefined && { error_message: errorMessage }),
    service: shortText(origin.service, nameLengthMax) ?? 'unknown_service',
    instance: shortText(origin.instance, nameLengthMax) ?? '',
    ...(version !== undefined && { version }),
  };
}

function listOf(item: AnyValue, name: string): readonly unknown[] {
  const list = item[name] ?? [];
  return Array.isArray(list) ? list : reject(`${name} is no list`);
}

/** As a number, as the specification has it; older writers spell it out. */
function kindOf(kind: unknown): SpanKind {
  if (typeof kind === 'number') return KINDS[kind] ?? 'internal';
  const word = typeof kind === 'string' ? kind.replace('SPAN_KIND_', '').toLowerCase() : '';
  return KINDS.find((each) => each === word) ?? 'internal';
}

/** The same link twice is one; a bad one is none. */
function linksOf(links: readonly unknown[]): SpanContext[] {
  const found = new Map<string, SpanContext>();
  for (const link of links) {
    if (found.size >= linksMax) break;
    const context = readOrRejected(() => contextOf(link));
    if (context !== undefined && !('rejected' in context)) found.set(`${context.trace_id} ${context.span_id}`, context);
  }
  return [...found.values()];
}

function contextOf(link: unknown): SpanContext | undefined {
  if (!isObject(link)) return undefined;
  const trace_id = hexOf(link['traceId'], 'traceId', 32);
  const span_id = hexOf(link['spanId'], 'spanId', 16);
  return trace_id === undefined || span_id === undefined ? undefined : { trace_id, span_id };
}

function isError(status: unknown): boolean {
  const code = isObject(status) ? status['code'] : undefined;
  return code === STATUS_ERROR || code === 'STATUS_CODE_ERROR';
}

/** The attributes, and where it failed with what: its first exception says more than its status. */
function withException(item: AnyValue) {
  const attributes = readSpanAttributes(listOf(item, 'attributes'));
  const events = listOf(item, 'events').slice(0, eventsMax);
  const exception = events.find((event) => isObject(event) && event['name'] === 'exception');
  const type = attributes.error_type ?? exceptionText(exception, 'exception.type');
  const status = isObject(item['status']) ? item['status']['message'] : undefined;
  const message = exceptionText(exception, 'exception.message') ?? status;
  return {
    attributes: type === undefined ? attributes : { ...attributes, error_type: type },
    errorMessage: typeof message === 'string' && message !== '' ? message.slice(0, errorLengthMax) : undefined,
  };
}

function exceptionText(event: unknown, key: string): string | undefined {
  const attributes = isObject(event) ? event['attributes'] : undefined;
  const attribute: unknown = Array.isArray(attributes)
    ? attributes.find((each) => isObject(each) && each['key'] === key)
    : undefined;
  const value = isObject(attribute) ? attribute['value'] : undefined;
  const text = isObject(value) ? value['stringValue'] : undefined;
  // What goes into a message may be of any length, and is cut; a type that long is none.
  if (typeof text !== 'string' || text === '') return undefined;
  return key === 'exception.type' && text.length > nameLengthMax ? undefined : text;
}

function shortText(text: unknown, lengthMax: number): string | undefined {
  return typeof text === 'string' && text.length <= lengthMax ? text : undefined;
}
