import type { Context } from 'hono';
import type { Millis } from 'waybill';
import type { Asked } from '../questions/asked.ts';
import { rfc3339 } from '../questions/instant.ts';
import type { FactStore, Stretch } from '../store/store.ts';
import { answered } from './answered.ts';
import type { Warning } from './answers.ts';
import { cursorOf, instantOf, invalid, limitOf, type ParameterName, sortOf, textOf } from './parameters.ts';
import type { WindowQuestion } from './questions.ts';
import { tagged } from './tagged.ts';

const hourMs = 3_600_000;
const minuteMs = 60_000;

/** What every question about a stretch of time may be asked with. */
export const WINDOW_PARAMETERS: readonly ParameterName[] = ['since', 'until', 'as_of', 'tenant', 'limit'];

/** Answers a question about a stretch of time over HTTP: the hour before `as_of`, if no other is asked for. */
export async function answerWindow(
  store: FactStore,
  name: string,
  { ask, needs }: WindowQuestion,
  context: Context,
  now: () => Millis,
): Promise<Response> {
  const asOf = instantOf(context, 'as_of') ?? now();
  const asked = askedOf(context, asOf);
  const document = await store.read((reader) => {
    const data = ask(reader, asked);
    const isAskedOfPast = needs === 'open messages' && context.req.query('as_of') !== undefined;
    const warnings = isAskedOfPast && (reader.extent().until ?? asOf) > asOf ? [ENDED_SINCE] : [];
    return answered(reader, name, { asOf, since: asked.window.since, data, warnings });
  });
  return tagged(context, document);
}

export const ENDED_SINCE: Warning = {
  code: 'ENDED_SINCE',
  message: 'there are later facts than this: a message that is over by now is not among these',
};

function askedOf(context: Context, asOf: number): Asked {
  return {
    window: windowOf(context, asOf),
    asOf,
    limit: limitOf(context),
    after: cursorOf(context),
    sort: sortOf(context),
  };
}

/** The hour before `asOf`, or what the query says; of a tenant, where it names one. */
export function windowOf(context: Context, asOf: number): Stretch {
  // What is of this very instant is known by now.
  const end = instantOf(context, 'until') ?? asOf + 1;
  const since = instantOf(context, 'since') ?? end - hourMs;
  if (since >= end || since > asOf) throw invalid('since', `before ${rfc3339(Math.min(end, asOf))}`, rfc3339(since));
  return {
    // A whole minute, for facts are counted by them.
    since: Math.floor(since / minuteMs) * minuteMs,
    until: Math.min(end, asOf + 1),
    tenantId: textOf(context, 'tenant'),
  };
}
