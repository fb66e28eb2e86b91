import type { Context } from 'hono';
import { ledgerError } from '../errors.ts';
import type { FactStore, Match } from '../store/store.ts';
import type { Question } from './questions.ts';
import { resolveId } from './resolve-id.ts';

/** Causes that are followed to find where the window of an answer begins. */
const stepsMax = 1_000;
const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)$/;

/** Answers a question over HTTP: resolves the id, asks, and says when facts of that time are known to be missing. */
export function answerQuestion(
  store: FactStore,
  name: string,
  { ask, keyNames }: Question,
  context: Context,
): Response {
  const id = context.req.query('id');
  if (!id) throw ledgerError('ARGUMENT_MISSING', name, 'an id, its ending or a business key');
  const asOf = instantOf(context.req.query('as_of'));
  const match = resolveId(store, id, name, keyNames);
  const data = ask(store, match, asOf);
  const dropped = store.dropped(beginOf(store, match), asOf);
  const warnings = dropped === 0 ? [] : [warningOf(dropped)];
  return context.json({
    schema: `waybill.${name}/1`,
    as_of: new Date(asOf).toISOString(),
    partial: dropped > 0,
    data,
    warnings,
  });
}

function instantOf(asOf: string | undefined): number {
  if (asOf === undefined) return Date.now();
  const instant = RFC_3339.test(asOf) ? Date.parse(asOf) : Number.NaN;
  if (Number.isNaN(instant)) {
    throw ledgerError('ARGUMENT_INVALID', 'as_of', 'an RFC 3339 time', JSON.stringify(asOf.slice(0, 60)));
  }
  return instant;
}

/** When the earliest cause of the message began: what was dropped since then may belong to the answer. */
function beginOf(store: FactStore, { message_id, at }: Match): number {
  const root = store.ancestors(message_id, stepsMax).at(-1);
  const [first] = root === undefined ? [] : store.factsOf([root]);
  return Math.min(at, first?.at ?? at);
}

function warningOf(dropped: number): { code: string; message: string } {
  const facts = dropped === 1 ? '1 fact' : `${dropped} facts`;
  return {
    code: 'FACTS_DROPPED',
    message: `recorders dropped ${facts} in this time: what is counted here is at least so`,
  };
}
