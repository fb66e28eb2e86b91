import type { MessageFact } from 'waybill';

type Fields = Readonly<Record<string, unknown>>;

/** The times in a fact that have no column. */
const TIMES: ReadonlySet<string> = new Set([
  ...['created_at', 'not_before', 'due_at', 'enqueued_at', 'received_at', 'lease_until', 'ended_at', 'retry_at'],
]);

/** Told from the fact's own time on, which they are near, so that they take a digit or two; in brackets where that cannot be. */
export function toRelative(fields: Fields, at: MessageFact['at']): Fields {
  const told = (time: unknown) => (typeof time === 'number' && Number.isSafeInteger(time - at) ? time - at : [time]);
  const isTold = (name: string, value: unknown) => TIMES.has(name) && value !== undefined;
  const entries = Object.entries(fields);
  return Object.fromEntries(entries.map(([name, value]) => [name, isTold(name, value) ? told(value) : value]));
}

/** Changes them in place: an answer may take thousands. */
export function toAbsolute(fields: Record<string, unknown>, at: MessageFact['at']): Fields {
  for (const name of TIMES) {
    const told = fields[name];
    if (told !== undefined) fields[name] = Array.isArray(told) ? told[0] : Number(told) + at;
  }
  return fields;
}
