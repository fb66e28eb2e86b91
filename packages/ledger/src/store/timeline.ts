import type { DatabaseSync } from 'node:sqlite';
import { codeOf } from './fact-kinds.ts';
import { allTenants, minuteMs } from './minutes.ts';
import { type PackedId, unpackId } from './packed-id.ts';
import type { Arrival, FactReader, Stretch, Timeline } from './store.ts';

/** No name has this key: of a tenant that nobody has named, there is nothing. */
const noTenant = -1;

export function openTimeline(database: DatabaseSync): FactReader['timeline'] {
  const tenantKey = database.prepare('SELECT key FROM names WHERE text = ?');
  const within = ({ since, until, tenantId }: Stretch) => ({
    since,
    until,
    tenant: tenantId === null ? null : Number(tenantKey.get(tenantId)?.['key'] ?? noTenant),
  });
  const counts = database.prepare(
    `-- How many facts, and messages that began, in these minutes?
     SELECT ifnull(sum(facts), 0) AS facts, ifnull(sum(messages), 0) AS messages FROM minutes
     WHERE tenant = ifnull(:tenant, ${allTenants}) AND minute BETWEEN :first AND :last`,
  );
  return {
    counts(stretch) {
      const { tenant } = within(stretch);
      // Sound: the columns are named here, and are sums of integers.
      return { ...counts.get({ tenant, ...minutesOf(stretch) }) } as unknown as ReturnType<Timeline['counts']>;
    },
    ...openMessagesIn(database, within),
    ...openSends(database, within),
    arrivals: openArrivals(database, within),
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
): Pick<Timeline, 'withGaps' | 'failing' | 'open'> {
  const withGaps = database.prepare(
    `-- Which messages have a gap in this time? Newest first.
     SELECT messages.message_id FROM facts JOIN messages ON messages.key = facts.message
     WHERE facts.kind = ${codeOf('gap')} AND facts.at >= :since AND facts.at < :until
       AND (:tenant IS NULL OR facts.tenant = :tenant)
     ORDER BY facts.at DESC`,
  );
  const failing = database.prepare(
    `-- Of which messages did an execution fail in this time? Newest first.
     SELECT messages.message_id FROM failures JOIN messages ON messages.key = failures.message
     WHERE failures.at >= :since AND failures.at < :until AND (:tenant IS NULL OR failures.tenant = :tenant)
     ORDER BY failures.at DESC`,
  );
  const open = database.prepare(
    `-- Which messages began in this time, and are not over? Oldest first.
     SELECT message_id FROM messages
     WHERE open = 1 AND first_at >= :since AND first_at < :until AND (:tenant IS NULL OR tenant = :tenant)
     ORDER BY first_at`,
  );
  return {
    withGaps: (stretch, limit) => idsOf(withGaps.iterate({ ...within(stretch) }), limit),
    failing: (stretch, limit) => idsOf(failing.iterate({ ...within(stretch) }), limit),
    open: (stretch, limit) => idsOf(open.iterate({ ...within(stretch) }), limit),
  };
}

function openSends(
  database: DatabaseSync,
  within: (stretch: Stretch) => Within,
): Pick<Timeline, 'destinations' | 'sentTo' | 'sampleOf'> {
  const destinations = database.prepare(
    `-- To where was something sent in this time? One step of the index for each place that there is.
     WITH RECURSIVE places(key) AS (
       SELECT min(destination) FROM facts WHERE kind = ${codeOf('sent')}
       UNION ALL
       SELECT (SELECT min(destination) FROM facts WHERE kind = ${codeOf('sent')} AND destination > places.key)
       FROM places WHERE places.key IS NOT NULL
     )
     SELECT names.text FROM places JOIN names ON names.key = places.key
     WHERE EXISTS (SELECT 1 FROM facts WHERE kind = ${codeOf('sent')} AND destination = places.key
       AND at >= :since AND at < :until AND (:tenant IS NULL OR tenant = :tenant))
     LIMIT :limit`,
  );
  const sends = database.prepare(
    `-- Which messages were sent there in this time? Oldest first, of the index alone.
     SELECT DISTINCT facts.message FROM names JOIN facts ON facts.destination = names.key
     WHERE names.text = :destination AND facts.kind = ${codeOf('sent')} AND facts.at >= :since AND facts.at < :until
       AND (:tenant IS NULL OR facts.tenant = :tenant)
     ORDER BY facts.at LIMIT :limit`,
  );
  const message = database.prepare('SELECT message_id FROM messages WHERE key = ?');
  const keysOf = (destination: string, stretch: Stretch, limit: number) =>
    sends.all({ destination, ...within(stretch), limit }).map((row) => Number(row['message']));
  const idsOfKeys = (keys: readonly number[]) =>
    idsOf(
      keys.map((key) => ({ ...message.get(key) })),
      keys.length,
    );
  return {
    destinations: (stretch, limit) =>
      destinations
        .all({ ...within(stretch), limit })
        .map(({ text }) => String(text))
        .sort(),
    sentTo(destination, stretch, limit) {
      // Where there are too many, which is where it is asked most often, no message is looked up.
      const keys = keysOf(destination, stretch, limit + 1);
      return keys.length > limit ? null : idsOfKeys(keys);
    },
    sampleOf: (destination, stretch, limit) => idsOfKeys(keysOf(destination, stretch, limit)),
  };
}

/** Read row by row, because one message may have many rows: no limit of rows is one of messages. */
function idsOf(rows: Iterable<Record<string, unknown>>, limit: number): string[] {
  const ids = new Set<string>();
  for (const { message_id } of rows) {
    if (ids.size >= limit) break;
    // Sound: the column holds packed ids only.
    ids.add(unpackId(message_id as PackedId));
  }
  return [...ids];
}

function openArrivals(database: DatabaseSync, within: (stretch: Stretch) => Within): Timeline['arrivals'] {
  const range = database.prepare(
    `-- Between which keys lie the facts of these minutes?
     SELECT min(first_fact) AS low, max(last_fact) AS high FROM minutes
     WHERE tenant = ifnull(:tenant, ${allTenants}) AND minute BETWEEN :first AND :last`,
  );
  const select = (order: 'ASC' | 'DESC') =>
    database.prepare(
      `-- Which facts are of this time? In the order in which they came.
       SELECT facts.key, facts.fact_id, messages.message_id FROM facts JOIN messages ON messages.key = facts.message
       WHERE facts.key BETWEEN :low AND :high AND facts.at >= :since AND facts.at < :until
         AND (:tenant IS NULL OR facts.tenant = :tenant)
       ORDER BY facts.key ${order} LIMIT :limit`,
    );
  const [following, last] = [select('ASC'), select('DESC')];
  return (stretch, after, limit) => {
    const bounds = within(stretch);
    const { low, high } = isEver(stretch)
      ? ALL_KEYS
      : { ...range.get({ tenant: bounds.tenant, ...minutesOf(stretch) }) };
    if (low == null || high == null) return [];
    const asked = { ...bounds, low: Math.max(Number(low), (after ?? 0) + 1), high: Number(high), limit };
    return after === null ? last.all(asked).reverse().map(arrivalOf) : following.all(asked).map(arrivalOf);
  };
}

/** Whoever follows what comes asks so each time: the range would be read out of every minute that there is. */
function isEver({ since, until }: Stretch): boolean {
  return since === Number.NEGATIVE_INFINITY && until === Number.POSITIVE_INFINITY;
}

const ALL_KEYS = { low: 0, high: Number.MAX_SAFE_INTEGER };

function arrivalOf({ key, fact_id, message_id }: Record<string, unknown>): Arrival {
  // Sound: both columns hold packed ids only.
  return { key: Number(key), fact_id: unpackId(fact_id as PackedId), message_id: unpackId(message_id as PackedId) };
}
