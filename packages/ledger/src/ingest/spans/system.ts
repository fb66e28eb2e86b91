import type { Span } from './span.ts';

/** What a span speaks to, as facts name it. */
export function systemOf({ kind, system, rpc_system: rpc, http_method: method }: Span): string {
  if (kind !== 'server') return system ?? 'unknown';
  return method !== undefined ? 'http' : (rpc ?? 'rpc');
}
