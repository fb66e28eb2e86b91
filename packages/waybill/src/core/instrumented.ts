import { waybillError } from './errors.ts';

const instrumented = new WeakSet<object>();

/** @throws CLIENT_UNFIT where a client lacks a method that the adapter replaces or calls. */
export function checkClient(where: string, client: object, methods: readonly string[]): void {
  for (const method of methods) {
    // Sound: an object may be asked for any name.
    if (typeof (client as Record<string, unknown> | null)?.[method] !== 'function') {
      throw waybillError('CLIENT_UNFIT', where, `function "${method}"`);
    }
  }
}

/**
 * Marks a client as instrumented; false if it was already: a second call must not wrap it again.
 *
 * @throws CLIENT_UNFIT
 */
export function markInstrumented(where: string, client: object, methods: readonly string[]): boolean {
  checkClient(where, client, methods);
  if (instrumented.has(client)) return false;
  instrumented.add(client);
  return true;
}
