import type { Context } from 'hono';
import type { FactStore } from '../store/store.ts';

export interface Warning {
  readonly code: string;
  readonly message: string;
}

interface Answered {
  readonly asOf: number;
  /** When what was looked at begins: facts that were dropped since then may belong to the answer. */
  readonly since: number;
  readonly data: object;
  readonly warnings?: readonly Warning[];
}

/** An answer as every question gives it, which says when facts of its time are known to be missing. */
export function answerDocument(
  store: FactStore,
  name: string,
  { asOf, since, data, warnings = [] }: Answered,
  context: Context,
): Response {
  const dropped = store.dropped(since, asOf);
  const all = dropped === 0 ? warnings : [warningOf(dropped), ...warnings];
  return context.json({
    schema: `waybill.${name}/1`,
    as_of: new Date(asOf).toISOString(),
    partial: all.length > 0,
    data,
    warnings: all,
  });
}

function warningOf(dropped: number): Warning {
  const facts = dropped === 1 ? '1 fact' : `${dropped} facts`;
  return {
    code: 'FACTS_DROPPED',
    message: `recorders dropped ${facts} in this time: what is counted here is at least so`,
  };
}
