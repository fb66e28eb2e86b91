import { type Envelope, type Gap, isEnvelope } from '../core/envelope.ts';
import { freshRun, freshScope } from '../core/execution.ts';
import { mintId, mintTraceId } from '../core/ids.ts';
import { contextOf } from '../core/open.ts';
import type { Scope } from '../core/scope.ts';
import type { Tracing } from '../core/tracing.ts';
import { NO_TRACE_HEADERS } from '../core/w3c.ts';
import { WORKFLOW_KEY } from './bridged.ts';
import type { OpenTelemetryApi, OtelContext } from './opentelemetry-api.ts';

/** Under which a tracer's context carries a scope that no adapter has opened. */
const SCOPE_KEY = Symbol.for('waybill.scope');

export function scopeIn(context: OtelContext): Scope | undefined {
  return context.getValue(SCOPE_KEY) as Scope | undefined; // sound: nobody else writes under this key
}

const takenRequests = new WeakSet<Scope>();

/** Whoever opens the request that a propagator has let in goes on under the id that it was given there. */
export function takeRequestId(api: OpenTelemetryApi): string | undefined {
  const scope = scopeIn(api.context.active());
  if (scope === undefined || takenRequests.has(scope) || !scope.context.messageId.startsWith('req_')) return undefined;
  takenRequests.add(scope);
  return scope.context.messageId;
}

export function carrying(context: OtelContext, scope: Scope): OtelContext {
  return context.setValue(SCOPE_KEY, scope).setValue(WORKFLOW_KEY, scope.context.correlationId);
}

/** The scope of what has come with a carrier: the message's own; else of a message, or a request, that begins a workflow. */
export function scopeOfCarried(
  carried: Envelope | Gap,
  isRequest: boolean,
  traceId: string | undefined,
  tracing: Tracing,
): Scope {
  const at = Date.now();
  const message = isEnvelope(carried) ? carried : beginning(mintId(isRequest ? 'req' : 'msg', at));
  const { messageId, bindingsJson, hiddenJson, inheritJson } = message;
  const trace = { traceId: traceId ?? mintTraceId(), spanId: null };
  const context = contextOf(message, trace, null, mintId('exe', at));
  const run = freshRun({ now: Date.now, mint: mintId, tracing });
  const traceHeaders = NO_TRACE_HEADERS;
  return freshScope({ context, causeId: messageId, traceHeaders, bindingsJson, hiddenJson, inheritJson, run });
}

/** A message, or a request, of which nothing is known but that it came. */
function beginning(messageId: string) {
  const identity = { messageId, correlationId: messageId, causationId: null, hop: 0 };
  const subject = { tenantId: null, operation: null, eventType: null, businessKey: null };
  return { ...identity, ...subject, bindingsJson: null, hiddenJson: null, inheritJson: undefined };
}
