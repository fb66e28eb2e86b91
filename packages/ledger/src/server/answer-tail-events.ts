import type { Context } from 'hono';
import type { Followers } from './followers.ts';
import { refuseForeign } from './guard.ts';
import { cursorOf, instantOf, type ParameterName, textOf } from './parameters.ts';

export const TAIL_EVENTS_PARAMETERS: readonly ParameterName[] = ['since', 'tenant', 'after'];

/** Sends facts as they are committed, as server-sent events: from `Last-Event-ID`, else `after`, else now. */
export function answerTailEvents(followers: Followers, context: Context): Promise<Response> {
  // A page could not read it, and would still take the place of somebody else for as long as it is open.
  refuseForeign(context);
  const since = instantOf(context, 'since');
  const tenant = textOf(context, 'tenant');
  return followers.follow(context, {
    after: cursorOf(context, context.req.header('last-event-id')),
    isOf: ({ record }) =>
      (tenant === null || record.tenant_id === tenant) && (since === undefined || Date.parse(record.at) >= since),
  });
}
