import { currentScope, type Scope } from '../core/scope.ts';
import { scopeIn } from './carried-scope.ts';
import { type OtelAttributes, type OtelContext, type OtelSpan, SPAN_KIND } from './opentelemetry-api.ts';
import { attributesOf, kindOf } from './sdk-span.ts';
import { ATTRIBUTE, identityAttributes } from './span-attributes.ts';

/** As a tracer's SDK takes it, beside the one that exports. */
export interface IdentitySpanProcessor {
  onStart(span: OtelSpan, parentContext: OtelContext): void;
  onEnd(span: unknown): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

/** Writes on every span that is started in a scope whose it is. What a span says of itself stays. */
export function identitySpanProcessor(): IdentitySpanProcessor {
  return {
    onStart(span, parentContext) {
      const scope = scopeIn(parentContext) ?? currentScope();
      const own = attributesOf(span);
      if (scope === undefined || ATTRIBUTE.messageId in own) return;
      span.setAttributes(isSending(span, own) ? senderAttributes(scope) : handlerAttributes(scope));
    },
    onEnd: () => {},
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}

/** As a logs SDK takes it. */
export interface IdentityLogRecordProcessor {
  onEmit(record: LogRecordLike, context?: OtelContext): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

interface LogRecordLike {
  readonly attributes: object;
  setAttributes(attributes: OtelAttributes): unknown;
}

/** Writes on every log record that is emitted in a scope whose it is. */
export function identityLogRecordProcessor(): IdentityLogRecordProcessor {
  return {
    onEmit(record, context) {
      const scope = (context && scopeIn(context)) ?? currentScope();
      if (scope === undefined || ATTRIBUTE.messageId in record.attributes) return;
      record.setAttributes(handlerAttributes(scope));
    },
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}

function handlerAttributes({ context }: Scope): OtelAttributes {
  return identityAttributes(context, context.executionId);
}

/** What is being sent is not what is being handled, which is its cause. */
function senderAttributes({ context, causeId }: Scope): OtelAttributes {
  const attributes = identityAttributes({ ...context, causationId: causeId, eventType: null });
  delete attributes[ATTRIBUTE.messageId];
  attributes[ATTRIBUTE.byExecutionId] = context.executionId;
  return attributes;
}

const SENDING: ReadonlySet<unknown> = new Set(['send', 'publish', 'create']);

function isSending(span: OtelSpan, own: Readonly<Record<string, unknown>>): boolean {
  if (kindOf(span) === SPAN_KIND.producer) return true;
  return SENDING.has(own[ATTRIBUTE.operationType]) || SENDING.has(own['messaging.operation']);
}
