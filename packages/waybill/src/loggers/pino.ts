import { logFields } from '../core/scope.ts';

export const peer = { name: 'pino', range: '>=9 <11' };

// Pino writes these itself, before our fields: a bound one would be a second one, and readers take the last.
const RESERVED = ['level', 'time', 'msg'];

/** What a logger has bound itself, for as long as pino keeps it in that text. */
interface OwnNames {
  readonly bound: symbol | undefined;
  readonly text: unknown;
  readonly names: readonly string[];
}

// A logger's own bindings hardly ever change, and asking for them parses JSON.
const ownNames = new WeakMap<object, OwnNames>();

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
  const fields = logger as { bindings?: () => object; [bound: symbol]: unknown }; // sound: asked, and not assumed, below
  const known = ownNames.get(logger);
  if (known !== undefined && (known.bound === undefined || fields[known.bound] === known.text)) return known.names;
  const names = Object.keys(fields.bindings?.call(logger) ?? {});
  // Pino's own symbol, without importing pino: `setBindings` replaces the text that is under it.
  const bound = Object.getOwnPropertySymbols(logger).find(({ description }) => description === 'pino.chindings');
  ownNames.set(logger, { bound, text: bound === undefined ? undefined : fields[bound], names });
  return names;
}
