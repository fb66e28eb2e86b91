import type { EndingRange } from '../endings.ts';
import type { Connection } from './connection.ts';
import { keyEndingMask, keysOfMinute } from './id-keys.ts';

/** In which workflows an own id ends like this, so many at most. Of those of its minute others may be among them. */
export async function workflowsEnding(
  rows: Connection['rows'],
  ranges: readonly EndingRange[],
  limit: number,
): Promise<string[]> {
  const found = await rows(
    `-- Which endings of own ids are there, and of which minutes?
SELECT ending, minute FROM endings WHERE ${endingCondition(ranges)} LIMIT {limit:UInt32}`,
    { limit },
  );
  if (found.length === 0) return [];
  const endings = found.map(([ending]) => Number(ending) & keyEndingMask);
  const parameters = { minutes: found.map(([, minute]) => Number(minute)), endings, limit };
  return (await rows(WORKFLOWS, parameters)).map(([id]) => String(id));
}

/** Divided, because the index takes a long list of quotients, and not as many ranges. */
function endingCondition(ranges: readonly EndingRange[]): string {
  const byWidth = Map.groupBy(ranges, ({ low, high }) => high - low + 1);
  const lists = [...byWidth].map(
    ([width, own]) => `intDiv(ending, ${width}) IN (${own.map(({ low }) => low / width).join(', ')})`,
  );
  return lists.join(' OR ');
}

const WORKFLOWS = `-- In which workflows is an own id of one of these minutes and endings?
SELECT DISTINCT correlation_id FROM ids
WHERE intDiv(key, ${keysOfMinute}) IN {minutes:Array(UInt64)}
  AND bitAnd(key, ${keyEndingMask}) IN {endings:Array(UInt64)}
LIMIT {limit:UInt32}`;
