import { logFields } from '../core/scope.ts';

export const peer = { name: 'pino', range: '>=9 <11' };

// Pino writes these itself, before our fields: a bound one would be a second one, and readers take the last.
const RESERVED = ['level', 'time', 'msg'];

// A logger's own bindings hardly ever change, and asking for them parses JSON.
const ownNames = new WeakMap<object, readonly string[]>();

/**
 * Gives every log line the identity and the bindings of the scope it is written in: `pino({ mixin })`.
 *
 * Pino writes into the object it is given, so it gets a new one for each line, and throws on none, so there is
 * always one. What the line itself names wins; and so does what a child logger has bound, because pino would
 * print the name twice.
 */
export function mixin(_line?: object, _level?: number, logger?: object): Record<string, unknown> {
  try {
    const fields = logFields();
    for (const name of RESERVED) if (name in fields) delete fields[name];
    if (logger !== undefined) for (const name of namesOf(logger)) delete fields[name];
    return fields;
  } catch {
    return {}; // a throw would reach whoever logs
  }
}

// `object`, and not a shape of ours: pino's types would take the shape's names for custom levels.
function namesOf(logger: object): readonly string[] {
  let names = ownNames.get(logger);
  if (names === undefined) {
    const { bindings } = logger as { bindings?: () => object }; // sound: asked, and not assumed, below
    names = Object.keys(bindings?.call(logger) ?? {});
    ownNames.set(logger, names);
  }
  return names;
}
