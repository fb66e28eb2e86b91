import type { Context } from 'hono';
import type { Millis } from 'waybill';
import { ledgerError } from '../errors.ts';
import type { FactReader, FactStore, Match } from '../store/store.ts';
import { answered } from './answered.ts';
import { instantOf, type ParameterName, textOf } from './parameters.ts';
import type { Question } from './questions.ts';
import { resolveId } from './resolve-id.ts';
import { tagged } from './tagged.ts';

/** What every question about one id is asked with. */
export const ID_PARAMETERS: readonly ParameterName[] = ['id', 'as_of', 'tenant'];

/** Causes that are followed to find where the window of an answer begins. */
const stepsMax = 1_000;

/** Answers a question about one id over HTTP. */
export async function answerQuestion(
  store: FactStore,
  name: string,
  { ask, keyNames }: Question,
  context: Context,
  now: () => Millis,
): Promise<Response> {
  const id = context.req.query('id');
  if (!id) throw ledgerError('ARGUMENT_MISSING', name, 'an id, its ending or a business key');
  const asOf = instantOf(context, 'as_of') ?? now();
  const tenantId = textOf(context, 'tenant');
  const document = await store.read((reader) => {
    const match = resolveId(reader, id, name, keyNames, tenantId);
    // First, because most questions walk the same causes, one by one: this names all of them at once.
    const since = beginOf(reader, match);
    return answered(reader, name, { asOf, since, data: ask(reader, match, asOf) });
  });
  return tagged(context, document);
}

/** When the earliest cause of the message began: what was dropped since then may belong to the answer. */
function beginOf(reader: FactReader, { message_id, at }: Match): number {
  const root = reader.ancestors(message_id, stepsMax).at(-1);
  const [first] = root === undefined ? [] : reader.factsOf([root]);
  return Math.min(at, first?.at ?? at);
}
