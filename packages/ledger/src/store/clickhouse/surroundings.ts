import type { Connection } from './connection.ts';
import { CELLS, factOf } from './fact-rows.ts';
import { effectsMax, type Hand } from './hand.ts';
import { keysOf, workflowsMax } from './ids.ts';

interface Wanted {
  readonly ids: readonly string[];
  /** Of which of them what they caused is wanted too, and of which what led to them. */
  readonly effectsOf: readonly string[];
  readonly causesOf: readonly string[];
}

/** Facts of messages, of what they caused, and of what led to them, in the workflows that name one of them. Tells which messages. */
export async function fetchSurroundings(
  hand: Hand,
  rows: Connection['rows'],
  { ids, effectsOf, causesOf }: Wanted,
): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const own = { ids, keys: keysOf(ids), workflows_max: workflowsMax };
  const around = { effects_of: effectsOf, causes_of: causesOf, limit: effectsMax };
  const areAlone = effectsOf.length + causesOf.length === 0;
  const found = (await (areAlone ? rows(OWN, own) : rows(SURROUNDINGS, { ...own, ...around }))).map(factOf);
  hand.add(found);
  const messages = new Set(found.map(({ fact }) => fact.message_id));
  const workflows = new Set(found.map(({ fact }) => fact.correlation_id));
  hand.foundIn(workflows, messages);
  return [...messages];
}

/** The same ones wherever it stands, also where they are more than that; a row may be there twice. */
const IN_THEIRS = `correlation_id GLOBAL IN (
    SELECT correlation_id FROM ids WHERE key IN {keys:Array(UInt64)}
    GROUP BY key, correlation_id ORDER BY key, correlation_id LIMIT {workflows_max:UInt32} BY key
  )`;

const OWN = `-- What happened to these messages?
SELECT ${CELLS} FROM facts WHERE ${IN_THEIRS} AND message_id IN {ids:Array(String)}`;

/** Of a message and what led to it both are meant where one of them is: what was asked for is among the ids anyway. */
const SURROUNDINGS = `-- What happened to these messages, to what led to them, and to what they caused? Of each to its oldest.
SELECT ${CELLS} FROM facts
WHERE ${IN_THEIRS} AND message_id GLOBAL IN (
  SELECT arrayJoin({ids:Array(String)})
  UNION ALL
  SELECT arrayJoin([message_id, assumeNotNull(causation_id)]) FROM (
    SELECT message_id, causation_id FROM facts
    WHERE ${IN_THEIRS} AND isNotNull(causation_id)
      AND (message_id IN {causes_of:Array(String)} OR causation_id IN {effects_of:Array(String)})
    GROUP BY message_id, causation_id ORDER BY min(at) LIMIT {limit:UInt32} BY causation_id
  )
)`;
