import type { Connection } from './connection.ts';
import { CELLS, factOf } from './fact-rows.ts';
import type { Hand } from './hand.ts';
import { keysOf, workflowsNaming } from './ids.ts';
import { slicesOf } from './slices.ts';
import { fetchSurroundings } from './surroundings.ts';
import { type WantOf, wantsOf } from './wants.ts';
import { fetchWhole, fewLimits, keepFew, wholeWorkflowsMax } from './whole.ts';

type Rows = Connection['rows'];
type OfMessages = WantOf<'named' | 'own' | 'effects'>;

/** More ids than this at once, where no workflow is at hand, are hardly those of a few: they are of a stretch of time. */
const fewIdsMax = 24;

/** What messages name these ids. */
export async function fetchNamed(hand: Hand, rows: Rows, wants: readonly OfMessages[]): Promise<void> {
  const ofMessages = [...wantsOf(wants, 'own'), ...wantsOf(wants, 'effects')];
  const areOfTime =
    hand.whole.size === 0 && (ofMessages.length > fewIdsMax || ofMessages.every(({ id }) => hand.sampled.has(id)));
  for (const some of slicesOf(areOfTime ? wantsOf(wants, 'named') : wants, ({ id }) => id)) {
    // More ids may be of as many workflows, and then what was fetched of them is thrown away.
    if (some.length > wholeWorkflowsMax || !(await fetchNaming(hand, rows, some))) await fetchSome(hand, rows, some);
  }
  if (areOfTime) for (const some of slicesOf(ofMessages, ({ id }) => id)) await fetchOfTime(hand, rows, some);
}

/** Fetches the workflows that name them with one statement, where they are few and small; tells whether they were. */
async function fetchNaming(hand: Hand, rows: Rows, wants: readonly OfMessages[]): Promise<boolean> {
  // What is asked next is mostly in the workflow that is here by now: whether it is only there takes less to ask.
  if (hand.whole.size > 0 || hand.large.size > 0) return false;
  const keys = keysOf(idsOf(wants));
  if (!keepFew(hand, (await rows(NAMING_WHOLE, { keys, ...fewLimits })).map(factOf))) return false;
  for (const want of wants) resolve(hand, want, []);
  return true;
}

async function fetchSome(hand: Hand, rows: Rows, wants: readonly OfMessages[]): Promise<void> {
  const workflowsOf = await workflowsNaming(rows, idsOf(wants));
  const workflows = (id: string) => workflowsOf.get(id) ?? [];
  await fetchWhole(hand, rows, [...new Set(wants.flatMap(({ id }) => workflows(id)))]);
  const lackingOf = ({ what, id }: OfMessages) =>
    workflows(id).filter((each) => !hand.whole.has(each) && (what !== 'own' || !hand.hasOwnIn(id, each)));
  const lacking = wants.filter((want) => lackingOf(want).length > 0);
  const [named, effects] = [wantsOf(lacking, 'named'), wantsOf(lacking, 'effects')];
  const ids = idsOf([...wantsOf(lacking, 'own'), ...effects]);
  const places = { ids: idsOf(named), workflows: [...new Set(named.flatMap(lackingOf))] };
  await Promise.all([
    fetchSurroundings(hand, rows, { ids, causesOf: [], effectsOf: idsOf(effects) }),
    fetchNamedFacts(hand, rows, places, Math.max(0, ...named.map(({ limit }) => limit))),
  ]);
  for (const want of wants) resolve(hand, want, workflows(want.id));
}

/** In whatever workflows they are. What is around them is fetched as well, because it is asked of next. */
async function fetchOfTime(hand: Hand, rows: Rows, wants: readonly OfMessages[]): Promise<void> {
  const ids = idsOf(wants);
  const around = ids.filter((id) => !hand.sampled.has(id));
  const effectsOf = [...new Set([...around, ...idsOf(wantsOf(wants, 'effects'))])];
  const found = await fetchSurroundings(hand, rows, { ids, causesOf: around, effectsOf });
  for (const { id } of wantsOf(wants, 'own')) hand.resolvedOwn(id);
  for (const id of effectsOf) hand.resolvedEffects(id);
  if (around.length > 0) await resolveFound(hand, rows, found);
}

/** What came with what was wanted is asked of next: it is all at hand where no other workflow names it. */
async function resolveFound(hand: Hand, rows: Rows, messageIds: readonly string[]): Promise<void> {
  const ids = messageIds.filter((id) => !hand.hasOwn(id));
  const workflowsOf = (await Promise.all(slicesOf(ids, (id) => id).map((some) => workflowsNaming(rows, some)))).flatMap(
    (each) => [...each],
  );
  for (const [id, workflows] of workflowsOf)
    if (workflows.every((each) => hand.whole.has(each) || hand.hasOwnIn(id, each))) hand.resolvedOwn(id, workflows);
}

function idsOf(wants: readonly OfMessages[]): string[] {
  return [...new Set(wants.map(({ id }) => id))];
}

function resolve(hand: Hand, want: OfMessages, workflows: readonly string[]): void {
  if (want.what === 'named') hand.resolved(want.id, want.limit, workflows);
  else if (want.what === 'own') hand.resolvedOwn(want.id, workflows);
  else hand.resolvedEffects(want.id);
}

/** Facts of messages by whatever they name, in workflows that are not fetched whole. */
async function fetchNamedFacts(
  hand: Hand,
  rows: Rows,
  { ids, workflows }: { readonly ids: readonly string[]; readonly workflows: readonly string[] },
  limit: number,
): Promise<void> {
  for (const some of slicesOf(workflows, (id) => id))
    hand.add((await rows(NAMING, { ids, workflows: some, limit })).map(factOf));
}

const NAMING_WHOLE = `-- What happened in the workflows that name such an id? Of a large one only that it is large.
SELECT ${CELLS} FROM facts
WHERE correlation_id GLOBAL IN (
  SELECT DISTINCT correlation_id FROM ids
  WHERE key IN {keys:Array(UInt64)} LIMIT {workflows_max:UInt32}
)
LIMIT {limit:UInt32} BY correlation_id`;

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
