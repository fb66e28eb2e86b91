import { factErrorOf } from '../core/failure.ts';
import { type OtelSpan, STATUS_ERROR } from './opentelemetry-api.ts';
import { ATTRIBUTE } from './span-attributes.ts';

/** As the conventions have it: the status, `error.type`, and the exception itself. */
export function markFailed(span: OtelSpan, error: unknown): void {
  if (!span.isRecording()) return;
  const { type, message } = factErrorOf(error);
  span.setAttribute(ATTRIBUTE.errorType, type);
  span.setStatus({ code: STATUS_ERROR, message });
  const stack = error instanceof Error ? error.stack : undefined;
  span.recordException(stack === undefined ? { name: type, message } : { name: type, message, stack });
}
