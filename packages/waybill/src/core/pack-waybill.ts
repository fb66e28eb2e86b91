import { fitBindings, flat, quote } from './bindings.ts';
import type { Envelope } from './envelope.ts';
import { member, packRelations } from './pack-relations.ts';
import { WAYBILL_LENGTH_MAX } from './read-waybill.ts';

/** What a waybill takes of a carrier, unless the transport leaves less. */
export const WAYBILL_LENGTH = 4096;

const orNull = (text: string | null): string => (text === null ? 'null' : quote(text));

/**
 * The envelope as one header: compact ASCII JSON, `v` first, keys in a fixed order (docs/wire-format.md).
 * Identity is never dropped; bindings are, the last bound first, and `overflow` says how many. Never longer than
 * what a reader takes: there all of it would be lost.
 *
 * @param lengthMax In characters, which are bytes here.
 */
export function packWaybill(envelope: Envelope, lengthMax: number = WAYBILL_LENGTH): string {
  const head = packIdentity(envelope);
  const { unknownJson, inheritJson, hiddenJson, bindingsJson, overflow } = envelope;
  if (unknownJson === undefined && inheritJson === undefined && hiddenJson === null && overflow === undefined) {
    const whole = bindingsJson === null ? `${head}}` : `${head},"bindings":${bindingsJson}}`;
    if (whole.length <= Math.min(lengthMax, WAYBILL_LENGTH_MAX)) return whole;
  }
  return packFitting(head, envelope, Math.min(lengthMax, WAYBILL_LENGTH_MAX));
}

/** The identity, and as much of the rest as fits. */
function packFitting(head: string, envelope: Envelope, lengthMax: number): string {
  const { unknownJson, inheritJson, hiddenJson, bindingsJson } = envelope;
  let overflow = envelope.overflow ?? 0;
  let room = lengthMax - head.length - OVERFLOW_LENGTH - 1;
  let unknown = '';
  let tail = '';
  if (unknownJson !== undefined) {
    // Its braces go, and a comma comes: one character less.
    const fitted = fitBindings(`{${unknownJson}}`, room + 1);
    overflow += fitted.dropped;
    unknown = fitted.json === null ? '' : `,${fitted.json.slice(1, -1)}`;
    room -= unknown.length;
  }
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
  return overflow === 0 ? `${head}${unknown}${tail}}` : `${head}${unknown},"overflow":${overflow}${tail}}`;
}

const OVERFLOW_LENGTH = ',"overflow":99999'.length;

function packIdentity(envelope: Envelope): string {
  const { messageId, hop, sentAt, relations } = envelope;
  const { before, after } = packShared(envelope);
  const { type, reason } = packKind(envelope);
  // One expression: each `+=` would leave one more piece to be flattened.
  const head = `{"v":1,"message_id":${quote(messageId)}${before}${type}${hop},"sent_at":${sentAt}${after}${reason}`;
  return relations === undefined ? head : `${head}${packRelations(relations)}`;
}

/** The text of what messages of one kind share. */
interface Kind {
  readonly of: Envelope;
  readonly type: string;
  readonly reason: string;
}

// The next send is most often of the same kind.
let kind: Kind | undefined;

function packKind(envelope: Envelope): Kind {
  const { eventType, traceMode, traceReason } = envelope;
  const isSame =
    kind !== undefined &&
    kind.of.eventType === eventType &&
    kind.of.traceMode === traceMode &&
    kind.of.traceReason === traceReason;
  if (kind === undefined || !isSame) {
    const mode = traceMode === null ? '' : `"trace_mode":"${traceMode}",`;
    const reason = flat(member('trace_reason', traceReason));
    kind = { of: envelope, type: flat(`${orNull(eventType)},${mode}"hop":`), reason };
  }
  return kind;
}

/** The text of what all sends of one scope share: what stands before the event type, and what after the time. */
interface Shared {
  readonly of: Envelope;
  readonly before: string;
  readonly after: string;
}

// Escaped and joined once: the next send is most often of the same scope.
let shared: Shared | undefined;

function packShared(envelope: Envelope): Shared {
  if (shared === undefined || !isSameScope(shared.of, envelope)) {
    const { correlationId, causationId, traceId, tenantId, operation } = envelope;
    const ids = `,"correlation_id":${quote(correlationId)},"causation_id":${orNull(causationId)},"trace_id":${orNull(traceId)}`;
    const before = `${ids},"tenant_id":${orNull(tenantId)},"operation":${orNull(operation)},"event_type":`;
    const { businessKey, byExecutionId, originTraceId } = envelope;
    const by = `${member('business_key', businessKey)}${member('by_execution_id', byExecutionId)}`;
    shared = { of: envelope, before: flat(before), after: flat(`${by}${member('origin_trace_id', originTraceId)}`) };
  }
  return shared;
}

function isSameScope(one: Envelope, other: Envelope): boolean {
  return (
    one.correlationId === other.correlationId &&
    one.causationId === other.causationId &&
    one.traceId === other.traceId &&
    one.tenantId === other.tenantId &&
    one.operation === other.operation &&
    one.businessKey === other.businessKey &&
    one.byExecutionId === other.byExecutionId &&
    one.originTraceId === other.originTraceId
  );
}
