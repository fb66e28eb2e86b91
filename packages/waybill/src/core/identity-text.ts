import { IDENTITY_LENGTH_MAX } from './ids.ts';

/** Whether a tenant, operation, event type or business key can be carried; a longer one is dropped whole and counted: never cut. */
export function isWhole(text: string | null | undefined): boolean {
  return text == null || (text.length > 0 && text.length <= IDENTITY_LENGTH_MAX);
}

/** An identity as it may be carried; null where there is none, or where it could only be carried cut. */
export function wholeOrNone(text: string | null | undefined): string | null {
  return typeof text === 'string' && isWhole(text) ? text : null;
}
