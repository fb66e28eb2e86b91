/** Nanoseconds are more than a number holds exactly: as text, the milliseconds are cut off before they become one. */
export function timeOf(nanos: unknown, name: string): number {
  const at =
    typeof nanos === 'string' && /^\d{1,20}$/.test(nanos)
      ? Number(nanos.slice(0, -6))
      : typeof nanos === 'number'
        ? Math.floor(nanos / 1e6)
        : 0;
  return at > 0 && Number.isSafeInteger(at) && at <= 253_402_300_799_999 ? at : reject(`${name} is no time`);
}

/** A W3C id; undefined where there is none, which is also written as zeros. */
export function hexOf(value: unknown, name: string, digits: number): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string' || value.length !== digits || !/^[0-9a-f]+$/i.test(value)) {
    reject(`${name} is not ${digits} hex digits`);
  }
  return /^0+$/.test(value) ? undefined : value.toLowerCase();
}

/** What was sent is not what it says it is; `why` is in our words only, for it goes back to the sender. */
export function reject(why: string): never {
  throw Object.assign(new Error(why), { isRejection: true });
}

/** What `read` gives, or why it was rejected. */
export function readOrRejected<Value>(read: () => Value): Value | { readonly rejected: string } {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'isRejection' in error) return { rejected: error.message };
    throw error;
  }
}
