import type { EndingRange } from '../endings.ts';
import type { Connection } from './connection.ts';
import { type ArrivedFact, CELLS, factOf } from './fact-rows.ts';
import { keyEndingMask, keysOfMinute } from './id-keys.ts';
import { fewLimits } from './whole.ts';

/** More ids of one ending than this tell nothing, nor do more workflows. */
export const endingsMax = 200;

/** In which workflows an own id ends like this, so many at most. */
export async function workflowsEnding(rows: Connection['rows'], ranges: readonly EndingRange[]): Promise<string[]> {
  const statement = `-- In which workflows does an own id end like this?
${workflowsOf(ranges)}`;
  const limits = { endings_max: endingsMax, workflows_max: endingsMax };
  return (await rows(statement, limits)).map(([id]) => String(id));
}

/** All that happened in these workflows, where they are few and small. */
export async function factsEnding(rows: Connection['rows'], ranges: readonly EndingRange[]): Promise<ArrivedFact[]> {
  const statement = `-- What happened in the workflows in which an own id ends like this? Of a large one only that it is large.
SELECT ${CELLS} FROM facts WHERE correlation_id GLOBAL IN (
${workflowsOf(ranges)}
) LIMIT {limit:UInt32} BY correlation_id`;
  return (await rows(statement, { endings_max: endingsMax, ...fewLimits })).map(factOf);
}

/** An id is found by its minute and what of its ending is in its key: others of both may be among them. */
function workflowsOf(ranges: readonly EndingRange[]): string {
  return `SELECT DISTINCT correlation_id FROM ids
WHERE (intDiv(key, ${keysOfMinute}), bitAnd(key, ${keyEndingMask})) GLOBAL IN (
  SELECT toUInt64(minute), toUInt64(bitAnd(ending, ${keyEndingMask})) FROM endings
  WHERE ${endingCondition(ranges)} LIMIT {endings_max:UInt32}
)
LIMIT {workflows_max:UInt32}`;
}

/** Divided, because the index takes a long list of quotients, and not as many ranges. */
function endingCondition(ranges: readonly EndingRange[]): string {
  const byWidth = Map.groupBy(ranges, ({ low, high }) => high - low + 1);
  const lists = [...byWidth].map(
    ([width, own]) => `intDiv(ending, ${width}) IN (${own.map(({ low }) => low / width).join(', ')})`,
  );
  return lists.join(' OR ');
}
