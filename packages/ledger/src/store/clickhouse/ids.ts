import type { MessageFact } from 'waybill';
import { endingOf } from '../endings.ts';
import { createRecent } from '../recent.ts';
import type { Connection } from './connection.ts';
import { endingIdsIn, idKey, idsIn, minuteOf } from './id-keys.ts';

/** An id that more workflows name than this tells nothing. */
export const workflowsMax = 10_000;
const rememberedMax = 100_000;

/** In which workflows something is named so: of each id, where there is any. */
export async function workflowsNaming(
  rows: Connection['rows'],
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = await rows(WORKFLOWS, { keys: keysOf(ids), limit: workflowsMax });
  const workflows = new Map<string, string[]>();
  for (const [key, correlationId] of found) {
    const own = workflows.get(String(key));
    if (own) own.push(String(correlationId));
    else workflows.set(String(key), [String(correlationId)]);
  }
  return new Map(ids.map((id) => [id, workflows.get(String(idKey(id))) ?? []]));
}

export function keysOf(ids: readonly string[]): bigint[] {
  return [...new Set(ids.map(idKey))];
}

type IdRow = readonly [key: string, correlationId: string, day: string];
type EndingRow = readonly [ending: number, minute: number, day: string];

/** What a group of facts is found by. */
interface Found {
  readonly ids: ReadonlyMap<string, IdRow>;
  readonly endings: ReadonlyMap<string, EndingRow>;
}

/** Which rows a group of facts adds: each id of a workflow once, as far as is remembered. */
export interface IdRows {
  of(facts: Iterable<MessageFact>, day: string): Found;
  /** They are acknowledged. */
  written(found: Found): void;
  /** They may have been deleted. */
  forget(): void;
}

export function openIdRows(): IdRows {
  const remembered = createRecent<true>(rememberedMax);
  const rememberedEndings = createRecent<true>(rememberedMax);
  return {
    of(facts, day) {
      const ids = new Map<string, IdRow>();
      const endings = new Map<string, EndingRow>();
      for (const fact of facts) {
        const workflow = fact.correlation_id.toWellFormed();
        for (const id of idsIn(fact)) {
          const pair = `${id}\n${workflow}`;
          if (!ids.has(pair) && !remembered.get(pair)) ids.set(pair, [String(idKey(id)), workflow, day]);
        }
        for (const id of endingIdsIn(fact)) {
          // Of each workflow, though it is the same row: the day of the last stands.
          const pair = `${id}\n${workflow}`;
          if (endings.has(pair) || rememberedEndings.get(pair)) continue;
          endings.set(pair, [endingOf(id) ?? 0, minuteOf(id), day]);
        }
      }
      return { ids, endings };
    },
    written({ ids, endings }) {
      for (const pair of ids.keys()) remembered.set(pair, true);
      for (const pair of endings.keys()) rememberedEndings.set(pair, true);
    },
    forget() {
      remembered.clear();
      rememberedEndings.clear();
    },
  };
}

const WORKFLOWS = `-- In which workflows is something named so?
SELECT DISTINCT toString(key), correlation_id FROM ids WHERE key IN {keys:Array(UInt64)}
ORDER BY key, correlation_id LIMIT {limit:UInt32} BY key`;
