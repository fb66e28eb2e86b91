import type { Upkeep } from '../store.ts';
import type { Connection } from './connection.ts';
import type { MessageOf } from './deletion.ts';
import { arrivalsPerSecond } from './schema.ts';
import type { DeleteFrom } from './spans.ts';

/** So many workflows are looked at in one turn, and so many messages deleted: others are answered in between. */
const workflowsAtOnce = 100;
const messagesAtOnce = 200;

/** Deletes whole workflows in the order in which they came. Only what is old is read: where that is all deleted, nothing. */
export function openPruning(
  { rows }: Connection,
  deleteFrom: DeleteFrom,
  deleted: (messages: readonly MessageOf[]) => Promise<number>,
): Upkeep['prune'] {
  return async (after, { quietBefore, openBefore }) => {
    const page = await rows(PAGE, { after, before: Math.trunc(quietBefore) });
    const given = {
      workflows: page.map(([id]) => String(id)),
      quiet_before: Math.trunc(quietBefore),
      open_before: Math.trunc(openBefore),
    };
    const old = new Map((await rows(OLD, given)).map(([id, messages, arrival]) => [String(id), { messages, arrival }]));
    const messages: MessageOf[] = [];
    let last: number | null = null;
    let workflows = 0;
    for (const [correlationId, first] of page) {
      const { messages: ids, arrival } = old.get(String(correlationId)) ?? { messages: [], arrival: 0 };
      const own = ids as readonly string[]; // sound: the statement gathers ids
      // At least one, however large it is.
      if (messages.length > 0 && messages.length + own.length > messagesAtOnce) break;
      last = Number(first);
      if (own.length === 0) continue;
      workflows++;
      for (const messageId of own)
        messages.push({ correlationId: String(correlationId), messageId, last: Number(arrival) });
    }
    const facts = messages.length === 0 ? 0 : await deleted(messages);
    if (last === null) await forgetEndings(rows, deleteFrom);
    return { last, workflows, facts };
  };
}

/** Of ids that came before all facts that are left: nothing says of which workflow an ending was. */
async function forgetEndings(rows: Connection['rows'], deleteFrom: DeleteFrom): Promise<void> {
  const [[day] = ['']] = await rows(FIRST_DAY);
  const [[endings] = [0]] = await rows(ENDINGS, { day });
  if (Number(endings) > 0) await deleteFrom('endings', 'day < {day:Date}', { day });
}

const FIRST_DAY = `-- On which day did the first fact come that is there? Reads all of them.
SELECT toDate(intDiv(min(arrival), ${arrivalsPerSecond})) FROM facts`;

const ENDINGS = `-- How many endings are of ids that came before?
SELECT count() FROM endings WHERE day < {day:Date}`;

const PAGE = `-- Which workflows have facts that are old? In the order in which these came.
SELECT correlation_id, min(arrival) AS first FROM facts
WHERE at < {before:Int64} AND arrival > {after:Int64}
GROUP BY correlation_id ORDER BY first LIMIT ${workflowsAtOnce}`;

const OLD = `-- Which of these workflows have been quiet, or have waited long enough? With their messages.
SELECT correlation_id, groupArray(message_id), max(last) FROM (
  SELECT correlation_id, message_id, min(at) AS begins_at, max(arrival) AS last,
    countIf(kind = 'discarded' OR (kind = 'settled' AND outcome IN ('ok', 'dead', 'skipped'))) = 0
      OR uniqExactIf(cityHash64(fact_id, at + fact_lag), kind = 'started') > uniqExactIf(cityHash64(fact_id, at + fact_lag), kind = 'settled') AS is_open
  FROM facts WHERE correlation_id IN {workflows:Array(String)} GROUP BY correlation_id, message_id
)
GROUP BY correlation_id
HAVING max(begins_at) < if(max(is_open) = 1, {open_before:Int64}, {quiet_before:Int64})`;
