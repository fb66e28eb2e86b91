import { waybillError } from './errors.ts';

const instrumented = new WeakSet<object>();

/**
 * Marks a client as instrumented; false if it was already: a second call must not wrap it again.
 *
 * @throws CLIENT_UNFIT where it lacks a method that the adapter replaces.
 */
export function markInstrumented(where: string, client: object, methods: readonly string[]): boolean {
  for (const method of methods) {
    // Sound: an object may be asked for any name.
    if (typeof (client as Record<string, unknown> | null)?.[method] !== 'function') {
      throw waybillError('CLIENT_UNFIT', where, `function "${method}"`);
    }
  }
  if (instrumented.has(client)) return false;
  instrumented.add(client);
  return true;
}
