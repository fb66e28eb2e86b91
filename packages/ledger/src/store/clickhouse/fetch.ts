import { endingOf } from '../endings.ts';
import { rowsOfAll } from './asks.ts';
import type { Connection } from './connection.ts';
import { workflowsEnding } from './ending-ids.ts';
import { COLUMNS, factOf } from './fact-rows.ts';
import type { Hand } from './hand.ts';
import { workflowsNaming } from './ids.ts';
import { fetchSent } from './sent.ts';
import { slicesOf } from './slices.ts';
import type { Want } from './wants.ts';

/** A workflow of so many facts is fetched whole, because most of what is asked after a message is in its own. */
const wholeFactsMax = 5_000;
/** Of more workflows than this at once only what was asked for is fetched. */
const wholeWorkflowsMax = 8;
const endingsMax = 200;

type Of<What extends Want['what']> = Extract<Want, { readonly what: What }>;

/** Fetches what was wanted in one run of a question, into its hand. */
export async function fetchInto(hand: Hand, connection: Connection, wants: readonly Want[]): Promise<void> {
  const of = <What extends Want['what']>(what: What) => wants.filter((want): want is Of<What> => want.what === what);
  const { rows } = connection;
  await Promise.all([
    fetchNamed(hand, rows, [...of('named'), ...of('own')]),
    ...of('ending').map((want) => fetchEndings(hand, rows, want)),
    ...of('members').map((want) => fetchMembers(hand, rows, want)),
    fetchOthers(hand, rows, of('other')),
    fetchSent(hand, rows, of('sent')),
  ]);
}

type Rows = Connection['rows'];

async function fetchOthers(hand: Hand, rows: Rows, wants: readonly Of<'other'>[]): Promise<void> {
  const found = await rowsOfAll(
    rows,
    wants.flatMap(({ asks }) => asks),
  );
  let from = 0;
  for (const { key, asks, answer } of wants) {
    hand.found.set(key, answer(found.slice(from, from + asks.length).flat()));
    from += asks.length;
  }
}

type OfMessages = Of<'named' | 'own'>;

async function fetchNamed(hand: Hand, rows: Rows, wants: readonly OfMessages[]): Promise<void> {
  for (const some of slicesOf(wants, ({ id }) => id)) await fetchSome(hand, rows, some);
}

async function fetchSome(hand: Hand, rows: Rows, wants: readonly OfMessages[]): Promise<void> {
  const workflowsOf = await workflowsNaming(
    rows,
    wants.map(({ id }) => id),
  );
  const workflows = (id: string) => workflowsOf.get(id) ?? [];
  await fetchWhole(hand, rows, [...new Set(wants.flatMap(({ id }) => workflows(id)))]);
  const isLacking = (each: string) => !hand.whole.has(each);
  const lacking = wants.filter(({ id }) => workflows(id).some(isLacking));
  const placesOf = (some: readonly OfMessages[]) => {
    const places = some.flatMap(({ id }) => workflows(id).filter(isLacking));
    return { ids: [...new Set(some.map(({ id }) => id))], workflows: [...new Set(places)] };
  };
  const named = lacking.filter((want) => want.what === 'named');
  const limit = Math.max(0, ...named.map((want) => want.limit));
  await Promise.all([
    fetchFacts(hand, rows, OWN, placesOf(lacking.filter((want) => want.what === 'own'))),
    fetchFacts(hand, rows, NAMING, placesOf(named), { limit }),
  ]);
  for (const want of wants)
    if (want.what === 'own') hand.resolvedOwn(want.id, workflows(want.id));
    else hand.resolved(want.id, want.limit, workflows(want.id));
}

/** Facts of messages by their own ids, or by those that they name, in workflows that are not fetched whole. */
async function fetchFacts(
  hand: Hand,
  rows: Rows,
  statement: string,
  { ids, workflows }: { readonly ids: readonly string[]; readonly workflows: readonly string[] },
  more: object = {},
): Promise<void> {
  for (const some of slicesOf(workflows, (id) => id))
    hand.add((await rows(statement, { ids, workflows: some, ...more })).map(factOf));
}

/** All facts of these workflows, where they are few and small. */
async function fetchWhole(hand: Hand, rows: Rows, correlationIds: readonly string[]): Promise<void> {
  const lacking = correlationIds.filter((id) => !hand.whole.has(id) && !hand.large.has(id));
  if (lacking.length === 0 || lacking.length > wholeWorkflowsMax) return;
  const found = (await rows(WHOLE, { workflows: lacking, limit: wholeFactsMax + 1 })).map(factOf);
  const counts = new Map<string, number>();
  for (const { fact } of found) counts.set(fact.correlation_id, (counts.get(fact.correlation_id) ?? 0) + 1);
  for (const id of lacking) ((counts.get(id) ?? 0) > wholeFactsMax ? hand.large : hand.whole).add(id);
  hand.add(found.filter(({ fact }) => hand.whole.has(fact.correlation_id)));
}

async function fetchEndings(hand: Hand, rows: Rows, { key, ranges }: Of<'ending'>): Promise<void> {
  hand.found.set(key, true);
  const workflows = await workflowsEnding(rows, ranges, endingsMax);
  if (workflows.length === 0) return;
  await fetchWhole(hand, rows, workflows);
  const lacking = workflows.filter((id) => !hand.whole.has(id));
  if (lacking.length === 0) return;
  const ids = (await rows(OWN_IDS, { workflows: lacking })).flat().map(String);
  const isMeant = (id: string) => {
    const ending = endingOf(id);
    return ending !== null && ranges.some(({ low, high }) => ending >= low && ending <= high);
  };
  const meant = [...new Set(ids)].filter(isMeant);
  await fetchNamed(
    hand,
    rows,
    meant.map((id) => ({ what: 'named', id, limit: endingsMax })),
  );
}

async function fetchMembers(hand: Hand, rows: Rows, { correlationId, limit }: Of<'members'>): Promise<void> {
  await fetchWhole(hand, rows, [correlationId]);
  if (hand.whole.has(correlationId)) return;
  const found = await rows(MEMBERS, { workflow: correlationId, limit });
  hand.members.set(correlationId, { limit, ids: found.map(([id]) => String(id)) });
}

const CELLS = COLUMNS.join(', ');

const WHOLE = `-- What happened in these workflows? Of a large one only that it is large.
SELECT ${CELLS} FROM facts WHERE correlation_id IN {workflows:Array(String)} LIMIT {limit:UInt32} BY correlation_id`;

const OWN = `-- What happened to these messages?
SELECT ${CELLS} FROM facts
WHERE correlation_id IN {workflows:Array(String)} AND message_id IN {ids:Array(String)}`;

/** By which of its ids a fact is meant. */
const MEANT = `multiIf(message_id IN {ids:Array(String)}, message_id,
  causation_id IN {ids:Array(String)}, assumeNotNull(causation_id),
  execution_id IN {ids:Array(String)} AND kind NOT IN ('created', 'sent'), assumeNotNull(execution_id),
  broker_id IN {ids:Array(String)}, assumeNotNull(broker_id),
  trace_id IN {ids:Array(String)}, trace_id,
  business_key IN {ids:Array(String)}, assumeNotNull(business_key),
  extract(assumeNotNull(business_key), '(?s)^[^:]*:(.*)$') IN {ids:Array(String)},
    extract(assumeNotNull(business_key), '(?s)^[^:]*:(.*)$'),
  batch_id IN {ids:Array(String)}, assumeNotNull(batch_id), '')`;

const NAMING = `-- What happened to the messages of these workflows that name such an id? Of each id to its oldest.
SELECT ${CELLS} FROM facts
WHERE correlation_id IN {workflows:Array(String)} AND message_id GLOBAL IN (
  SELECT message_id FROM (
    SELECT message_id, at, ${MEANT} AS meant FROM facts
    WHERE correlation_id IN {workflows:Array(String)} AND meant != ''
  )
  GROUP BY message_id, meant ORDER BY min(at) LIMIT {limit:UInt32} BY meant
)`;

const OWN_IDS = `-- Which ids are in these workflows?
SELECT DISTINCT correlation_id, message_id, ifNull(execution_id, '') FROM facts
WHERE correlation_id IN {workflows:Array(String)}`;

const MEMBERS = `-- Which messages belong to this workflow? Oldest first.
SELECT message_id FROM facts WHERE correlation_id = {workflow:String}
GROUP BY message_id ORDER BY min(at), min(arrival) LIMIT {limit:UInt32}`;
