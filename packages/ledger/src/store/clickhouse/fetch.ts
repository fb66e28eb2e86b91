import { endingOf } from '../endings.ts';
import { rowsOfAll } from './asks.ts';
import type { Connection } from './connection.ts';
import { endingsMax, factsEnding, workflowsEnding } from './ending-ids.ts';
import type { Hand } from './hand.ts';
import { fetchNamed } from './named.ts';
import { fetchSent } from './sent.ts';
import { type Want, type WantOf, wantsOf } from './wants.ts';
import { fetchWhole, keepFew } from './whole.ts';

/** Fetches what was wanted in one run of a question, into its hand. */
export async function fetchInto(hand: Hand, connection: Connection, wants: readonly Want[]): Promise<void> {
  const of = <What extends Want['what']>(what: What) => wantsOf(wants, what);
  const { rows } = connection;
  await Promise.all([
    fetchNamed(hand, rows, [...of('named'), ...of('own'), ...of('effects')]),
    ...of('ending').map((want) => fetchEndings(hand, rows, want)),
    ...of('members').map((want) => fetchMembers(hand, rows, want)),
    fetchOthers(hand, rows, of('other')),
    fetchSent(hand, rows, of('sent')),
  ]);
}

type Rows = Connection['rows'];

async function fetchOthers(hand: Hand, rows: Rows, wants: readonly WantOf<'other'>[]): Promise<void> {
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

async function fetchEndings(hand: Hand, rows: Rows, { key, ranges }: WantOf<'ending'>): Promise<void> {
  hand.found.set(key, true);
  // What somebody typed mostly fits one id, where all that is near to it may fit many.
  if (ranges.length === 1 && keepFew(hand, await factsEnding(rows, ranges))) return;
  const workflows = await workflowsEnding(rows, ranges);
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

async function fetchMembers(hand: Hand, rows: Rows, { correlationId, limit }: WantOf<'members'>): Promise<void> {
  await fetchWhole(hand, rows, [correlationId]);
  if (hand.whole.has(correlationId)) return;
  const found = await rows(MEMBERS, { workflow: correlationId, limit });
  hand.members.set(correlationId, { limit, ids: found.map(([id]) => String(id)) });
}

const OWN_IDS = `-- Which ids are in these workflows?
SELECT DISTINCT correlation_id, message_id, ifNull(execution_id, '') FROM facts
WHERE correlation_id IN {workflows:Array(String)}`;

const MEMBERS = `-- Which messages belong to this workflow? Oldest first.
SELECT message_id FROM facts WHERE correlation_id = {workflow:String}
GROUP BY message_id ORDER BY min(at), min(arrival) LIMIT {limit:UInt32}`;
