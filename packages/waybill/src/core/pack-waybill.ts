import { fitBindings, quote } from './bindings.ts';
import type { Envelope } from './envelope.ts';

/** What a waybill takes of a carrier, unless the transport leaves less. */
export const WAYBILL_LENGTH = 4096;

const orNull = (text: string | null): string => (text === null ? 'null' : quote(text));
const member = (name: string, text: string | null | undefined): string =>
  text == null ? '' : `,"${name}":${quote(text)}`;

/**
 * The envelope as one header: compact ASCII JSON, `v` first, keys in a fixed order (docs/wire-format.md).
 * Identity is never dropped; bindings are, the last bound first, and `overflow` says how many.
 *
 * @param lengthMax In characters, which are bytes here.
 */
export function packWaybill(envelope: Envelope, lengthMax: number = WAYBILL_LENGTH): string {
  const head = packIdentity(envelope);
  const { inheritJson, hiddenJson, bindingsJson } = envelope;
  let overflow = envelope.overflow ?? 0;
  let tail = '';
  if (inheritJson !== undefined || hiddenJson !== null || bindingsJson !== null) {
    let room = lengthMax - head.length - OVERFLOW_LENGTH - 1;
    const add = (name: string, json: string | null | undefined) => {
      if (json == null) return;
      const fitted = fitBindings(json, room - name.length - 4);
      overflow += fitted.dropped;
      if (fitted.json === null) return;
      tail += `,"${name}":${fitted.json}`;
      room -= name.length + 4 + fitted.json.length;
    };
    // Logs can do without a field; what is inherited or hidden was put there for a handler to read.
    add('inherit', inheritJson);
    add('hidden', hiddenJson);
    add('bindings', bindingsJson);
  }
  return overflow === 0 ? `${head}${tail}}` : `${head},"overflow":${overflow}${tail}}`;
}

const OVERFLOW_LENGTH = ',"overflow":99999'.length;

function packIdentity(envelope: Envelope): string {
  const mode = envelope.traceMode === null ? '' : `,"trace_mode":"${envelope.traceMode}"`;
  const { fanout, unknownJson } = envelope;
  const grouping =
    fanout === undefined ? '' : `,"fanout":{"id":${quote(fanout.id)},"index":${fanout.index},"count":${fanout.count}}`;
  return `{"v":1,"message_id":${quote(envelope.messageId)},"correlation_id":${quote(envelope.correlationId)},"causation_id":${orNull(
    envelope.causationId,
  )},"trace_id":${orNull(envelope.traceId)},"tenant_id":${orNull(envelope.tenantId)},"operation":${orNull(
    envelope.operation,
  )},"event_type":${orNull(envelope.eventType)}${mode},"hop":${envelope.hop},"sent_at":${envelope.sentAt}${member(
    'business_key',
    envelope.businessKey,
  )}${member('by_execution_id', envelope.byExecutionId)}${member('origin_trace_id', envelope.originTraceId)}${member(
    'trace_reason',
    envelope.traceReason,
  )}${grouping}${member('continued_from', envelope.continuedFrom)}${unknownJson === undefined ? '' : `,${unknownJson}`}`;
}
