import type { DroppedFact } from 'waybill';
import type { Forgetting, Upkeep } from '../store.ts';
import type { Appending } from './append.ts';
import type { Connection } from './connection.ts';
import { deleteMessages, type MessageOf } from './deletion.ts';
import { integerOf } from './integers.ts';
import { openPruning } from './prune.ts';
import type { DeleteFrom } from './spans.ts';
import type { Writing } from './writing.ts';

/** So many messages are deleted at once: a deletion reads the parts that it touches. */
const messagesAtOnce = 200;
/** Facts that are looked through for a page of messages. */
const factsPerMessage = 4;

export function openUpkeep(
  connection: Connection,
  deleteFrom: DeleteFrom,
  { alone, done }: Writing,
  { forget }: Appending,
): Upkeep {
  const { rows, insert } = connection;
  const deleted = (messages: readonly MessageOf[]) =>
    alone(messages.length, async () => {
      const facts = await deleteMessages(connection, deleteFrom, messages);
      forget();
      return facts;
    });
  return {
    // A pair that no service has, and each time the same: merges keep one of it.
    probe: () => alone(1, () => insert('recorders', [['', '']])),
    async sizes() {
      const bytes = Number((await rows(SIZES))[0]?.[0]);
      return { bytes, walBytes: 0, usedBytes: bytes };
    },
    commits: async () => done(),
    messagesAfter: (after, limit) => messagesAfter(rows, after, limit),
    async droppedFacts(since, until) {
      const given = { since: integerOf(since), until: integerOf(until) };
      return (await rows(DROPPED, given)).map(droppedOf);
    },
    countOf: async (forgetting) => (await selected(rows, forgetting)).length,
    async forget(forgetting, onProgress) {
      const messages = await selected(rows, forgetting);
      let facts = 0;
      for (let from = 0; from < messages.length; from += messagesAtOnce) {
        facts += await deleted(messages.slice(from, from + messagesAtOnce));
        onProgress(Math.min(from + messagesAtOnce, messages.length));
      }
      return { messages: messages.length, facts };
    },
    prune: openPruning(connection, deleteFrom, deleted),
  };
}

function droppedOf([fact_id, at, since, count, service, instance, version, why]: unknown[]): DroppedFact {
  const fact = { kind: 'dropped', fact_id, at, since, count, service, instance, why };
  // Sound: the columns are selected in this order, and have these types.
  return (version === null ? fact : { ...fact, version }) as DroppedFact;
}

/** A page of facts in the order of their arrival; of them the messages that were never heard of before. */
async function messagesAfter(
  rows: Connection['rows'],
  after: number,
  limit: number,
): Promise<{ key: number; message_id: string }[]> {
  const facts = limit * factsPerMessage;
  for (let from = after; ; ) {
    const fresh = await rows(FIRST_HEARD, { after: from, facts, limit });
    if (fresh.length > 0) return fresh.map(([key, id]) => ({ key: Number(key), message_id: String(id) }));
    const [[last] = [0]] = await rows(LAST_OF_PAGE, { after: from, facts });
    if (Number(last) === 0) return [];
    from = Number(last);
  }
}

/** The messages of a tenant, with a key, or both, by what was first said of each. */
async function selected(rows: Connection['rows'], { tenant, businessKey }: Forgetting): Promise<MessageOf[]> {
  const given = {
    tenant: tenant ?? '',
    of_any: tenant === undefined ? 1 : 0,
    key: businessKey ?? '',
    with_any: businessKey === undefined ? 1 : 0,
  };
  const found = await rows(SELECTED, given);
  return found.map(([correlationId, messageId, last]) => ({
    correlationId: String(correlationId),
    messageId: String(messageId),
    last: Number(last),
  }));
}

const SIZES = `-- How much is on the disk of this server?
SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = currentDatabase()`;

const DROPPED = `-- What do recorders say they dropped in this window?
SELECT fact_id, at, since, count, service, instance, version, why FROM dropped
WHERE at BETWEEN {since:Int64} AND {until:Int64} ORDER BY at, arrival LIMIT 1 BY fact_id`;

const PAGE = 'FROM facts WHERE arrival > {after:Int64} ORDER BY arrival LIMIT {facts:UInt32}';

const FIRST_HEARD = `-- Of the messages of the next facts, which were not heard of before?
SELECT min(arrival) AS first, message_id FROM facts
WHERE correlation_id GLOBAL IN (SELECT correlation_id ${PAGE}) AND message_id GLOBAL IN (SELECT message_id ${PAGE})
GROUP BY message_id HAVING first > {after:Int64} ORDER BY first LIMIT {limit:UInt32}`;

const LAST_OF_PAGE = `-- Up to which of the next facts was that?
SELECT max(arrival) FROM (SELECT arrival ${PAGE})`;

const SELECTED = `-- Which messages are of this tenant, or carry this key? Reads all of them.
SELECT correlation_id, message_id, max(arrival) FROM facts
WHERE message_id GLOBAL IN (
  SELECT message_id FROM facts
  WHERE ({of_any:UInt8} = 1 OR tenant_id = {tenant:String}) AND ({with_any:UInt8} = 1 OR business_key = {key:String})
)
GROUP BY correlation_id, message_id
HAVING ({of_any:UInt8} = 1 OR argMinIf(tenant_id, arrival, isNotNull(tenant_id)) = {tenant:String})
  AND ({with_any:UInt8} = 1 OR argMinIf(business_key, arrival, isNotNull(business_key)) = {key:String})
ORDER BY min(arrival)`;
