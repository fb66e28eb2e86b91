import type { Millis } from 'waybill';

/** An instant as answers print it. */
export function rfc3339(at: Millis): string {
  return new Date(at).toISOString();
}
