import type { Span } from './span.ts';

const UNKNOWN = 'unknown';

/** What a span speaks to; null where it does not say. */
export function namedSystemOf(span: Span): string | null {
  const system = systemOf(span);
  return system === UNKNOWN ? null : system;
}

/** What a span speaks to, as facts name it. */
export function systemOf({ kind, system, rpc_system: rpc, http_method: method }: Span): string {
  if (kind !== 'server') return system ?? UNKNOWN;
  return method !== undefined ? 'http' : (rpc ?? 'rpc');
}
