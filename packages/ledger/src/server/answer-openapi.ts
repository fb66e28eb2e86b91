import { readFileSync } from 'node:fs';
import type { Context } from 'hono';

let description: string | undefined;

/** The description of this API, which is made of the routes and of the types of their answers. */
export function answerOpenApi(context: Context): Response {
  description ??= readFileSync(new URL('./openapi.json', import.meta.url), 'utf8');
  context.header('content-type', 'application/json');
  context.header('cache-control', 'no-cache');
  return context.body(description);
}
