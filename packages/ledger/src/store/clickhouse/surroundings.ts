import type { Connection } from './connection.ts';
import { CELLS, factOf } from './fact-rows.ts';
import { effectsMax, type Hand } from './hand.ts';
import { slicesOf } from './slices.ts';

interface Wanted {
  readonly ids: readonly string[];
  /** Of which of them what they caused is wanted too, and of which what led to them. */
  readonly effectsOf: readonly string[];
  readonly causesOf: readonly string[];
  readonly workflows: readonly string[];
}

/** Facts of messages, of what they caused, and of what led to them, in workflows that are not fetched whole. Tells which messages. */
export async function fetchSurroundings(
  hand: Hand,
  rows: Connection['rows'],
  { ids, effectsOf, causesOf, workflows }: Wanted,
): Promise<readonly string[]> {
  const given = { ids, effects_of: effectsOf, causes_of: causesOf, limit: effectsMax };
  const messages = new Set<string>();
  for (const some of slicesOf(workflows, (id) => id)) {
    const found = (await rows(SURROUNDINGS, { ...given, workflows: some })).map(factOf);
    hand.add(found);
    const own = found.map(({ fact }) => fact.message_id);
    for (const id of own) messages.add(id);
    hand.foundIn(some, new Set([...ids, ...own]));
  }
  return [...messages];
}

const SURROUNDINGS = `-- What happened to these messages, to what led to them, and to what they caused? Of each to its oldest.
SELECT ${CELLS} FROM facts
WHERE correlation_id IN {workflows:Array(String)} AND message_id GLOBAL IN (
  SELECT arrayJoin({ids:Array(String)})
  UNION ALL
  SELECT assumeNotNull(causation_id) FROM facts
  WHERE correlation_id IN {workflows:Array(String)} AND message_id IN {causes_of:Array(String)}
    AND isNotNull(causation_id)
  UNION ALL
  SELECT message_id FROM (
    SELECT message_id, causation_id FROM facts
    WHERE correlation_id IN {workflows:Array(String)} AND causation_id IN {effects_of:Array(String)}
    GROUP BY message_id, causation_id ORDER BY min(at) LIMIT {limit:UInt32} BY causation_id
  )
)`;
