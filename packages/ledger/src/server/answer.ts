import type { Context } from 'hono';
import { ledgerError } from '../errors.ts';
import type { FactStore, Match } from '../store/store.ts';
import { answerDocument } from './answer-document.ts';
import { instantOf } from './parameters.ts';
import type { Question } from './questions.ts';
import { resolveId } from './resolve-id.ts';

/** Causes that are followed to find where the window of an answer begins. */
const stepsMax = 1_000;

/** Answers a question about one id over HTTP. */
export function answerQuestion(
  store: FactStore,
  name: string,
  { ask, keyNames }: Question,
  context: Context,
): Response {
  const id = context.req.query('id');
  if (!id) throw ledgerError('ARGUMENT_MISSING', name, 'an id, its ending or a business key');
  const asOf = instantOf(context, 'as_of') ?? Date.now();
  const match = resolveId(store, id, name, keyNames);
  const data = ask(store, match, asOf);
  return answerDocument(store, name, { asOf, since: beginOf(store, match), data }, context);
}

/** When the earliest cause of the message began: what was dropped since then may belong to the answer. */
function beginOf(store: FactStore, { message_id, at }: Match): number {
  const root = store.ancestors(message_id, stepsMax).at(-1);
  const [first] = root === undefined ? [] : store.factsOf([root]);
  return Math.min(at, first?.at ?? at);
}
