import { hash } from 'node:crypto';
import type { Context } from 'hono';
import type { AnswerDocument, Answers } from './answers.ts';

/** Sends an answer with a tag of what it says: whoever shows that tag again is told whether there is news. */
export function tagged(context: Context, document: AnswerDocument<keyof Answers>): Response {
  context.header('etag', `W/"${hash('sha256', JSON.stringify(sayingOf(document)), 'base64url')}"`);
  context.header('cache-control', 'private, no-cache');
  return context.json(document);
}

/** Without how far the clock had come, which is another each time that nothing else is: so the tag is a weak one. */
function sayingOf({ as_of: _, data, ...rest }: AnswerDocument<keyof Answers>): object {
  if (!('searched' in data)) return { ...rest, data };
  const { searched } = data;
  return { ...rest, data: { ...data, searched: { ...searched, window: { ...searched.window, to: undefined } } } };
}
