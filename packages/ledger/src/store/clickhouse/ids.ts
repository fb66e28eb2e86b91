import type { MessageFact } from 'waybill';
import { createRecent } from '../recent.ts';
import type { Connection } from './connection.ts';
import { idKey, idsIn } from './id-keys.ts';

/** An id that more workflows name than this tells nothing. */
const workflowsMax = 10_000;
const rememberedMax = 100_000;

/** In which workflows something is named so: of each id, where there is any. */
export async function workflowsNaming(
  rows: Connection['rows'],
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const keys = new Map(ids.map((id) => [id, idKey(id)]));
  const found = await rows(WORKFLOWS, { keys: [...new Set(keys.values())], limit: workflowsMax });
  const workflows = new Map<string, string[]>();
  for (const [key, correlationId] of found) {
    const own = workflows.get(String(key));
    if (own) own.push(String(correlationId));
    else workflows.set(String(key), [String(correlationId)]);
  }
  return new Map(ids.map((id) => [id, workflows.get(String(keys.get(id))) ?? []]));
}

type IdRow = readonly [key: string, correlationId: string, day: string];

/** Which rows a group of facts adds: each id of a workflow once, as far as is remembered. */
export interface IdRows {
  of(facts: Iterable<MessageFact>, day: string): ReadonlyMap<string, IdRow>;
  /** They are acknowledged. */
  written(rows: ReadonlyMap<string, IdRow>): void;
  /** They may have been deleted. */
  forget(): void;
}

export function openIdRows(): IdRows {
  const remembered = createRecent<true>(rememberedMax);
  return {
    of(facts, day) {
      const rows = new Map<string, IdRow>();
      for (const fact of facts) {
        const workflow = fact.correlation_id.toWellFormed();
        for (const id of idsIn(fact)) {
          const pair = `${id}\n${workflow}`;
          if (!rows.has(pair) && !remembered.get(pair)) rows.set(pair, [String(idKey(id)), workflow, day]);
        }
      }
      return rows;
    },
    written(rows) {
      for (const pair of rows.keys()) remembered.set(pair, true);
    },
    forget: remembered.clear,
  };
}

const WORKFLOWS = `-- In which workflows is something named so?
SELECT DISTINCT toString(key), correlation_id FROM ids WHERE key IN {keys:Array(UInt64)}
ORDER BY key, correlation_id LIMIT {limit:UInt32} BY key`;
