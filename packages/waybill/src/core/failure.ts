import { createHash } from 'node:crypto';
import type { FactError } from './facts.ts';

const MESSAGE_LENGTH_MAX = 1024;

/** An error as a fact keeps it. Whatever was thrown: strings, null and hostile objects included. */
export function factErrorOf(error: unknown): FactError {
  try {
    const { type, message } = partsOf(error);
    return { type, message: message.slice(0, MESSAGE_LENGTH_MAX), fingerprint: fingerprintOf(type, message) };
  } catch {
    return { type: 'Unreadable', message: 'The error could not be read.', fingerprint: 'f_unreadable' };
  }
}

/** Its type alone, without the work that a fingerprint is. */
export function errorTypeOf(error: unknown): string {
  try {
    return partsOf(error).type;
  } catch {
    return 'Unreadable';
  }
}

function partsOf(error: unknown): { readonly type: string; readonly message: string } {
  if (error instanceof Error || (typeof error === 'object' && error !== null && 'message' in error)) {
    const { name, message } = error as Error; // sound: both are read as unknown below
    return { type: String(name ?? 'Error').slice(0, 128), message: String(message) };
  }
  return { type: typeof error, message: String(error) };
}

// What differs between two cases of the same trouble: ids, numbers, and whatever is quoted.
const PARTICULARS =
  /[0-9a-f]{8}-[0-9a-f-]{27}|\b[a-z]+_[0-9A-Z]{26}\b|\b0x[0-9a-f]+|\b[0-9a-f]{16,}\b|\d+|"[^"]*"|'[^']*'/gi;

function fingerprintOf(type: string, message: string): string {
  const pattern = message.slice(0, MESSAGE_LENGTH_MAX).replace(PARTICULARS, '#');
  return `f_${createHash('sha256').update(`${type}\0${pattern}`).digest('hex').slice(0, 12)}`;
}
