import type { MessageFact } from 'waybill';

type Fields = Readonly<Record<string, unknown>>;

/** The times in a fact that have no column. */
const TIMES: ReadonlySet<string> = new Set([
  ...['created_at', 'not_before', 'due_at', 'enqueued_at', 'received_at', 'lease_until', 'ended_at', 'retry_at'],
]);

/** Told from the fact's own time on, which they are near, so that they take a digit or two; in brackets where that cannot be. */
export function toRelative(fields: Fields, at: MessageFact['at']): Fields {
  return timesOf(fields, (time) => (Number.isSafeInteger(Number(time) - at) ? Number(time) - at : [time]));
}

export function toAbsolute(fields: Fields, at: MessageFact['at']): Fields {
  return timesOf(fields, (told) => (Array.isArray(told) ? told[0] : Number(told) + at));
}

function timesOf(fields: Fields, told: (time: unknown) => unknown): Fields {
  const entries = Object.entries(fields);
  const isTold = (name: string, value: unknown) => TIMES.has(name) && value !== undefined;
  return Object.fromEntries(entries.map(([name, value]) => [name, isTold(name, value) ? told(value) : value]));
}
