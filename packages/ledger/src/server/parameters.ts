import type { Context } from 'hono';
import { type LedgerError, ledgerError } from '../errors.ts';
import type { QueueOrder } from '../questions/queues/answer.ts';

/** A parameter of a query, as the description of the API lists it. */
interface Parameter {
  readonly says: string;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly isRequired?: true;
}

const limitMax = 200;
const limitDefault = 20;

/** All that a query may say. Each is read by the function below that its schema fits. */
export const PARAMETERS = {
  id: {
    says: 'A message, correlation, execution, broker or trace id; an ending of it of 4 characters or more; or a business key.',
    schema: { type: 'string', minLength: 1 },
    isRequired: true,
  },
  as_of: {
    says: 'Answer as of then: what was recorded later is not looked at. Now, if left out.',
    schema: { type: 'string', format: 'date-time' },
  },
  since: {
    says: 'From then on, in whole minutes; an hour before the end, if left out.',
    schema: { type: 'string', format: 'date-time' },
  },
  until: { says: 'Up to then; up to `as_of`, if left out.', schema: { type: 'string', format: 'date-time' } },
  tenant: { says: 'Of this tenant alone.', schema: { type: 'string', minLength: 1 } },
  limit: {
    says: 'Rows of the answer, at most; what is more is counted in `not_shown`.',
    schema: { type: 'integer', minimum: 1, maximum: limitMax, default: limitDefault },
  },
  after: {
    says: 'What an answer before gave as its `cursor`: this one goes on from there. 0 is before the first fact.',
    schema: { type: 'string', minLength: 1 },
  },
  sort: {
    says: 'What comes first: what waits longest, where most waits, by name, or where fewest take.',
    schema: { type: 'string', enum: ['oldest', 'depth', 'name', 'consumers'], default: 'oldest' },
  },
  name: {
    says: 'The name of a destination, percent-encoded.',
    schema: { type: 'string', minLength: 1 },
    isRequired: true,
  },
  q: {
    says: 'What to find: ids, keys, `tenant:`, `operation:`, `event:`, `state:`, `error:` and words, apart by spaces.',
    schema: { type: 'string', minLength: 1, maxLength: 1_000 },
    isRequired: true,
  },
} as const satisfies Record<string, Parameter>;

export type ParameterName = keyof typeof PARAMETERS;

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)$/;
const echoedMax = 60;

/** An instant of the query, Unix ms; undefined where it is left out. */
export function instantOf(context: Context, name: ParameterName): number | undefined {
  const text = context.req.query(name);
  if (text === undefined) return undefined;
  const instant = RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(instant)) throw invalid(name, 'an RFC 3339 time', text);
  return instant;
}

/** How many rows an answer is to have, at most. */
export function limitOf(context: Context): number {
  return numberOf('limit', context.req.query('limit'), 1, limitMax) ?? limitDefault;
}

/** Where an answer is to go on: of the query, or of what a client that follows was told last. Null where neither says. */
export function cursorOf(context: Context, lastEventId?: string): number | null {
  return numberOf('after', lastEventId || context.req.query('after'), 0, Number.MAX_SAFE_INTEGER) ?? null;
}

function numberOf(name: ParameterName, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= min && number <= max)) throw invalid(name, `a number from ${min} to ${max}`, text);
  return number;
}

/** One of the words that its schema lists; undefined where it is left out. */
export function sortOf(context: Context): QueueOrder | undefined {
  const text = context.req.query('sort');
  const words = PARAMETERS.sort.schema.enum;
  const word = words.find((each) => each === text);
  if (text !== undefined && word === undefined) throw invalid('sort', words.join(', '), text);
  return word;
}

/** Text that is not empty; null where it is left out. */
export function textOf(context: Context, name: ParameterName): string | null {
  const text = context.req.query(name);
  if (text === '') throw invalid(name, 'more than nothing', text);
  return text ?? null;
}

export function invalid(name: ParameterName, expected: string, given: string): LedgerError {
  return ledgerError('ARGUMENT_INVALID', name, expected, JSON.stringify(given.slice(0, echoedMax)));
}
