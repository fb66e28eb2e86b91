import type { Context } from 'hono';
import { type LedgerError, ledgerError } from '../errors.ts';

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)$/;
const echoedMax = 60;

/** An instant of the query, Unix ms; undefined where it is left out. */
export function instantOf(context: Context, name: string): number | undefined {
  const text = context.req.query(name);
  if (text === undefined) return undefined;
  const instant = RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(instant)) throw invalid(name, 'an RFC 3339 time', text);
  return instant;
}

/** A count from 1 to `max`; undefined where it is left out. */
export function countOf(context: Context, name: string, max: number): number | undefined {
  const text = context.req.query(name);
  if (text === undefined) return undefined;
  const count = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(count >= 1 && count <= max)) throw invalid(name, `a number from 1 to ${max}`, text);
  return count;
}

/** Text that is not empty; null where it is left out. */
export function textOf(context: Context, name: string): string | null {
  const text = context.req.query(name);
  if (text === '') throw invalid(name, 'more than nothing', text);
  return text ?? null;
}

export function invalid(name: string, expected: string, given: string): LedgerError {
  return ledgerError('ARGUMENT_INVALID', name, expected, JSON.stringify(given.slice(0, echoedMax)));
}
