import type { Span } from './span.ts';

/**
 * `send`: it creates a message. `consumer`, `server`: in it a message or a request is handled. `receive`: it fetches
 * messages, or is what older instrumentations make around a handler. `none`: it lies between.
 */
export type SpanRole = 'send' | 'consumer' | 'server' | 'receive' | 'none';

const SENDS: ReadonlySet<string | undefined> = new Set(['send', 'publish', 'create']);

export function roleOf(span: Span): SpanRole {
  const { kind, messaging_operation: operation } = span;
  if (kind === 'server') return 'server';
  if (kind === 'consumer') return consumerRole(operation);
  if (kind === 'producer') return operation === undefined || SENDS.has(operation) ? 'send' : 'none';
  // A client that sends what other spans have created links to them, and has created nothing.
  return kind === 'client' && SENDS.has(operation) && span.links === undefined ? 'send' : 'none';
}

function consumerRole(operation: string | undefined): SpanRole {
  if (operation === 'receive') return 'receive';
  return operation === undefined || operation === 'process' || operation === 'deliver' ? 'consumer' : 'none';
}
