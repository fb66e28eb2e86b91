import { hash } from 'node:crypto';
import type { Context } from 'hono';
import type { AnswerDocument, Answers } from './answers.ts';

type Document = AnswerDocument<keyof Answers>;

/** Sends an answer with a tag of what it says: whoever shows that tag again is told whether there is news. */
export function tagged(context: Context, { data, warnings, ...head }: Document): Response {
  // Its data is nearly all of an answer: it is written once, for the tag and the body.
  const told = JSON.stringify(data);
  const { as_of: _, ...lasting } = { ...head, warnings };
  const saying = withLast(lasting, `"data":${isSearch(data) ? JSON.stringify(withoutEnd(data)) : told}`);
  context.header('etag', `W/"${hash('sha256', saying, 'base64url')}"`);
  context.header('cache-control', 'private, no-cache');
  context.header('content-type', 'application/json');
  return context.body(withLast(head, `"data":${told},"warnings":${JSON.stringify(warnings)}`));
}

/** The JSON of an object that is not empty, with more members behind its own. */
function withLast(members: object, last: string): string {
  return `${JSON.stringify(members).slice(0, -1)},${last}}`;
}

type Search = Extract<Document['data'], { readonly searched: unknown }>;

function isSearch(data: Document['data']): data is Search {
  return 'searched' in data;
}

/** Without how far the clock had come, which is another each time that nothing else is: so the tag is a weak one. */
function withoutEnd(data: Search): object {
  const { searched } = data;
  return { ...data, searched: { ...searched, window: { ...searched.window, to: undefined } } };
}
