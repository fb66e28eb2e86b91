import type { Context } from 'hono';
import type { Millis } from 'waybill';
import { ask } from '../questions/search/ask.ts';
import { isOfOpen } from '../questions/search/candidates.ts';
import { cursorOf } from '../questions/search/cursor.ts';
import { termsOf } from '../questions/search/terms.ts';
import type { FactStore } from '../store/store.ts';
import { ENDED_SINCE, WINDOW_PARAMETERS, windowOf } from './answer-window.ts';
import { answered } from './answered.ts';
import { instantOf, limitOf, type ParameterName, textOf } from './parameters.ts';
import { tagged } from './tagged.ts';

/** What a search may be asked with. */
export const SEARCH_PARAMETERS: readonly ParameterName[] = ['q', ...WINDOW_PARAMETERS, 'after'];

/** Answers a search over HTTP: `q` is what is looked for, and `after` the cursor of the page before. */
export async function answerSearch(store: FactStore, context: Context, now: () => Millis): Promise<Response> {
  const asOf = instantOf(context, 'as_of') ?? now();
  const text = context.req.query('q') ?? '';
  const read = termsOf(text);
  const asked = windowOf(context, asOf);
  const terms = { ...read, tenant: read.tenant ?? asked.tenantId };
  const window = { ...asked, tenantId: terms.tenant };
  const after = textOf(context, 'after');
  const limit = limitOf(context);
  const document = await store.read((reader) => {
    const data = ask(reader, { text, terms, window, asOf, limit, after: after === null ? null : cursorOf(after) });
    const isPast = context.req.query('as_of') !== undefined && (reader.extent().until ?? asOf) > asOf;
    const since = Date.parse(data.searched.window.from);
    return answered(reader, 'search', { asOf, since, data, warnings: isPast && isOfOpen(terms) ? [ENDED_SINCE] : [] });
  });
  return tagged(context, document);
}
