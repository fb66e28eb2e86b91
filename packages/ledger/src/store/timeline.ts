import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type Blocks, blockFacts } from './blocks.ts';
import { type FactLine, keyIn, readLine } from './fact-lines.ts';
import { laidTogetherMax } from './lay-facts.ts';
import type { MessageIds } from './message-ids.ts';
import { allTenants, minuteMs } from './minutes.ts';
import { idText } from './packed-id.ts';
import type { Arrival, FactReader, Stretch, Timeline } from './store.ts';

/** Looked at in one turn. Whoever follows asks for few; a filter that fits little needs many. */
const keysAtOnceMin = 64;
const keysAtOnceMax = 2_048;

/** No name has this key: of a tenant that nobody has named, there is nothing. */
const noTenant = -1;

/** The minutes of a stretch of which anything is counted: two steps of the index for each, however many tenants it has. */
const MINUTES = `WITH RECURSIVE counted(minute) AS (
       SELECT min(minute) FROM minutes WHERE minute >= :first
       UNION ALL
       SELECT (SELECT min(minute) FROM minutes WHERE minute > counted.minute) FROM counted WHERE counted.minute < :last
     )`;
const COUNTED = `counted JOIN minutes ON minutes.minute = counted.minute AND tenant = ifnull(:tenant, ${allTenants})
     WHERE counted.minute <= :last`;

export function openTimeline(database: DatabaseSync, blocks: Blocks, messages: MessageIds): FactReader['timeline'] {
  const tenantKey = database.prepare('SELECT key FROM names WHERE text = ?');
  const within = ({ since, until, tenantId }: Stretch) => ({
    since,
    until,
    tenant: tenantId === null ? null : Number(tenantKey.get(tenantId)?.['key'] ?? noTenant),
  });
  const counts = database.prepare(
    `-- How many facts, and messages that began, in these minutes?
     ${MINUTES} SELECT ifnull(sum(facts), 0) AS facts, ifnull(sum(messages), 0) AS messages FROM ${COUNTED}`,
  );
  return {
    counts(stretch) {
      const { tenant } = within(stretch);
      // Sound: the columns are named here, and are sums of integers.
      return { ...counts.get({ tenant, ...minutesOf(stretch) }) } as unknown as ReturnType<Timeline['counts']>;
    },
    ...openMessagesIn(database, within, messages),
    keyed: openKeyed(database, within, messages),
    began: openBegan(database, within, messages),
    ...openSends(database, within, messages),
    arrivals: openArrivals(database, blocks, messages, within),
  };
}

interface Within {
  readonly since: number;
  readonly until: number;
  readonly tenant: number | null;
}

function minutesOf({ since, until }: Stretch) {
  return { first: Math.floor(since / minuteMs), last: Math.ceil(until / minuteMs) - 1 };
}

function openMessagesIn(
  database: DatabaseSync,
  within: (stretch: Stretch) => Within,
  messages: MessageIds,
): Pick<Timeline, 'withGaps' | 'failing' | 'open'> {
  const withGaps = database.prepare(
    `-- Which messages have a gap in this time? Newest first.
     SELECT gaps.at, gaps.message, ${idText('messages.message_id')} FROM gaps LEFT JOIN messages ON messages.key = gaps.message
     WHERE gaps.at >= :since AND gaps.at < :until AND (:tenant IS NULL OR gaps.tenant = :tenant)
     ORDER BY gaps.at DESC`,
  );
  const failing = database.prepare(
    `-- Of which messages did an execution fail in this time? Newest first.
     SELECT failures.at, failures.message, ${idText('messages.message_id')} FROM failures LEFT JOIN messages ON messages.key = failures.message
     WHERE failures.at >= :since AND failures.at < :until AND (:tenant IS NULL OR failures.tenant = :tenant)
     ORDER BY failures.at DESC`,
  );
  const open = database.prepare(
    `-- Which messages began in this time, and are not over? Oldest first.
     SELECT first_at, key, ${idText('message_id')} FROM messages
     WHERE open = 1 AND first_at >= :since AND first_at < :until AND (:tenant IS NULL OR tenant = :tenant)
     ORDER BY first_at`,
  );
  return {
    withGaps: (stretch, limit) => idsOf(rowsOf(withGaps, { ...within(stretch) }), limit, messages),
    failing: (stretch, limit) => idsOf(rowsOf(failing, { ...within(stretch) }), limit, messages),
    open: (stretch, limit) => idsOf(rowsOf(open, { ...within(stretch) }), limit, messages),
  };
}

/** Behind every text that goes on from there. */
const last = '\u{10ffff}';

function openKeyed(
  database: DatabaseSync,
  within: (stretch: Stretch) => Within,
  messages: MessageIds,
): Timeline['keyed'] {
  const keys = (column: 'text' | 'bare') =>
    `SELECT key FROM (SELECT key FROM business_keys WHERE ${column} >= :low AND ${column} < :high ORDER BY ${column} LIMIT :keys)`;
  const keyed = database.prepare(
    `-- Which messages began in this time with a key that begins like this? Oldest first.
     SELECT first_at, key, ${idText('message_id')} FROM messages WHERE business_key IN (${keys('text')} UNION ${keys('bare')})
       AND first_at >= :since AND first_at < :until AND (:tenant IS NULL OR tenant = :tenant)
     ORDER BY first_at`,
  );
  return (beginning, stretch, limit) => {
    const keys = { low: beginning, high: beginning + last, keys: keysMax };
    return idsOf(rowsOf(keyed, { ...within(stretch), ...keys }), limit, messages);
  };
}

/** Keys that begin alike are looked up one by one. */
const keysMax = 1_000;

/** So many entries of the index are looked through for those of one tenant or type: about 30 ms. */
const scannedMax = 100_000;

function openBegan(
  database: DatabaseSync,
  within: (stretch: Stretch) => Within,
  messages: MessageIds,
): Timeline['began'] {
  const began = database.prepare(
    `-- Which messages of this type began in this time? Newest first, of the index alone but for those that are told.
     SELECT last.at, messages.key, ${idText('messages.message_id')} FROM (
       SELECT key, first_at AS at, tenant, event_type FROM messages
       WHERE first_at >= :since AND first_at < :until ORDER BY first_at DESC LIMIT ${scannedMax}
     ) AS last JOIN messages ON messages.key = last.key
     WHERE (:tenant IS NULL OR last.tenant = :tenant)
       AND (:eventType IS NULL OR last.event_type = (SELECT key FROM names WHERE text = :eventType))`,
  );
  return (stretch, eventType, limit) => idsOf(rowsOf(began, { ...within(stretch), eventType }), limit, messages);
}

function openSends(
  database: DatabaseSync,
  within: (stretch: Stretch) => Within,
  messages: MessageIds,
): Pick<Timeline, 'destinations' | 'sentTo' | 'sampleOf'> {
  const destinations = database.prepare(
    `-- To where was something sent in this time? One step of the index for each place that there is.
     WITH RECURSIVE places(key) AS (
       SELECT min(destination) FROM sends
       UNION ALL
       SELECT (SELECT min(destination) FROM sends WHERE destination > places.key)
       FROM places WHERE places.key IS NOT NULL
     )
     SELECT names.text FROM places JOIN names ON names.key = places.key
     WHERE EXISTS (SELECT 1 FROM sends WHERE destination = places.key
       AND at >= :since AND at < :until AND (:tenant IS NULL OR tenant = :tenant))
     LIMIT :limit`,
  );
  const sends = database.prepare(
    `-- Which messages were sent there in this time? Oldest first.
     SELECT sends.at, sends.message FROM names JOIN sends ON sends.destination = names.key
     WHERE names.text = :destination AND sends.at >= :since AND sends.at < :until
       AND (:tenant IS NULL OR sends.tenant = :tenant)
     ORDER BY sends.at`,
  );
  const sample = database.prepare(
    `-- Which messages were sent there in this time, and what are their ids? Oldest first.
     SELECT sends.at, sends.message, ${idText('messages.message_id')} FROM names JOIN sends ON sends.destination = names.key
     LEFT JOIN messages ON messages.key = sends.message
     WHERE names.text = :destination AND sends.at >= :since AND sends.at < :until
       AND (:tenant IS NULL OR sends.tenant = :tenant)
     ORDER BY sends.at`,
  );
  return {
    destinations: (stretch, limit) =>
      destinations
        .all({ ...within(stretch), limit })
        .map(({ text }) => String(text))
        .sort(),
    sentTo(destination, stretch, limit) {
      // Where there are too many, which is where it is asked most often, no message is looked up.
      const instants = new Map<number, number>();
      for (const [at, key] of rowsOf(sends, { destination, ...within(stretch) })) {
        if (!instants.has(key)) instants.set(key, at);
        if (instants.size > limit) return null;
      }
      return idsOf(
        [...instants].map(([key, at]): Row => [at, key, null]),
        limit,
        messages,
      );
    },
    sampleOf: (destination, stretch, limit) =>
      idsOf(rowsOf(sample, { destination, ...within(stretch) }), limit, messages),
  };
}

/** The id is null where it is yet to be looked up. */
type Row = readonly [at: number, key: number, id: string | null];

function rowsOf(statement: StatementSync, parameters: Record<string, number | string | null>): Iterable<Row> {
  statement.setReturnArrays(true);
  // Sound: rows are arrays, and whoever asks has selected these columns, in this order.
  return statement.iterate(parameters) as unknown as Iterable<Row>;
}

/**
 * Read row by row, because one message may have many rows: no limit of rows is one of messages. Those of one millisecond
 * come in the order of their ids, whatever came first: so the limit leaves out the same ones in every store.
 */
function idsOf(rows: Iterable<Row>, limit: number, messages: MessageIds): string[] {
  const ids = new Set<string>();
  let [now, alike]: [number | null, string[]] = [null, []];
  const take = () => alike.sort().forEach((id) => void ids.add(id));
  for (const [at, key, text] of rows) {
    if (at !== now) {
      take();
      if (ids.size >= limit) break;
      [now, alike] = [at, []];
    }
    alike.push(text === null ? messages.idOf(key) : messages.note(key, text));
  }
  if (ids.size < limit) take();
  return [...ids].slice(0, limit);
}

function openArrivals(
  database: DatabaseSync,
  blocks: Blocks,
  messages: MessageIds,
  within: (stretch: Stretch) => Within,
): Timeline['arrivals'] {
  const range = database.prepare(
    `-- Between which keys lie the facts of these minutes?
     ${MINUTES} SELECT min(first_fact) AS low, max(last_fact) AS high FROM ${COUNTED}`,
  );
  const arrivalOf = ({ key, factId, message }: FactLine): Arrival => ({
    ...{ key, fact_id: factId },
    message_id: messages.idOf(message),
  });
  /** Those of these keys that are asked for, in the order in which they came. */
  function linesOf(low: number, high: number, { since, until, tenant }: Within): FactLine[] {
    const found: FactLine[] = [];
    for (const block of blocks.between(low - laidTogetherMax, high + laidTogetherMax)) {
      for (const [slot, text] of blocks.lines(block).entries()) {
        if (text === '') continue;
        const place = block * blockFacts + slot;
        const key = keyIn(text, place);
        if (key < low || key > high) continue;
        const line = readLine(text, place);
        if (line.at >= since && line.at < until && (tenant === null || line.tenant === tenant)) found.push(line);
      }
    }
    return found.sort((a, b) => a.key - b.key);
  }
  function rangeOf(stretch: Stretch, tenant: number | null): { first: number; last: number } | null {
    const last = blocks.end() - 1;
    if (isEver(stretch)) return { first: 1, last };
    const { low, high } = { ...range.get({ tenant, ...minutesOf(stretch) }) };
    return low == null || high == null ? null : { first: Number(low), last: Math.min(last, Number(high)) };
  }
  return (stretch, after, limit) => {
    const bounds = within(stretch);
    const all = rangeOf(stretch, bounds.tenant);
    if (all === null) return [];
    const [first, last] = [Math.max(all.first, (after ?? 0) + 1), all.last];
    let found: FactLine[] = [];
    let count = keysAtOnceMin;
    const more = () => (count = Math.min(keysAtOnceMax, count * 2));
    if (after === null)
      for (let to = last; to >= first && found.length < limit; to -= count, more())
        found = [...linesOf(Math.max(first, to - count + 1), to, bounds), ...found];
    else
      for (let from = first; from <= last && found.length < limit; from += count, more())
        found.push(...linesOf(from, Math.min(last, from + count - 1), bounds));
    return (after === null ? found.slice(-limit) : found.slice(0, limit)).map(arrivalOf);
  };
}

/** Whoever follows what comes asks so each time: the range would be read out of every minute that there is. */
function isEver({ since, until }: Stretch): boolean {
  return since === Number.NEGATIVE_INFINITY && until === Number.POSITIVE_INFINITY;
}
