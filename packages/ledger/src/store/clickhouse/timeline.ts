import { FAILING } from '../failing.ts';
import type { Arrival, Stretch, Timeline } from '../store.ts';
import { joinedId } from './fact-ids.ts';
import { integerOf } from './integers.ts';
import type { Needs } from './needs.ts';

const minuteMs = 60_000;

/**
 * What happened in a stretch of time: read of the stretch itself, for facts that came together lie together. Notes in
 * `sampled` of which messages seldom more is asked than themselves.
 */
export function openTimeline(needs: Needs, sampled: Set<string>): Timeline {
  const asked = <Found>(name: string, statement: string, parameters: object, answer: (rows: unknown[][]) => Found) =>
    needs.other<Found>({
      ...{ what: 'other', key: `${name} ${JSON.stringify(parameters)}` },
      ...{ asks: [{ statement, parameters: { ...parameters } }], answer },
    });
  const ids = (name: string, statement: string, stretch: Stretch, limit: number, more: object = {}) =>
    asked(name, statement, { ...within(stretch), ...more, limit }, (rows) => rows.map(([id]) => String(id))) ?? [];
  const count = (name: string, statement: string, stretch: Stretch) =>
    asked(name, statement, within(minutesOf(stretch)), (rows) => Number(rows[0]?.[0])) ?? 0;
  const sent = (destination: string, stretch: Stretch, limit: number) =>
    needs.other<string[]>({
      ...{ what: 'sent', key: `sent ${JSON.stringify([destination, stretch, limit])}` },
      ...{ destination, stretch, limit },
    }) ?? [];
  const arrived = (name: string, statement: string, parameters: object) => {
    const arrivals = asked(name, statement, parameters, (rows) => rows.map(arrivalOf)) ?? [];
    for (const { message_id } of arrivals) sampled.add(message_id);
    return arrivals;
  };
  return {
    // Messages are counted of all their facts, and most questions ask for the other number alone.
    counts: (stretch) => ({
      get facts() {
        return count('facts', FACTS, stretch);
      },
      get messages() {
        return count('messages', stretch.tenantId === null ? MESSAGES : MESSAGES_OF_TENANT, stretch);
      },
    }),
    withGaps: (stretch, limit) => ids('gaps', GAPS, stretch, limit),
    failing: (stretch, limit) => ids('failing', FAILED, stretch, limit),
    open: (stretch, limit) => ids('open', stretch.tenantId === null ? OPEN : OPEN_OF_TENANT, stretch, limit),
    keyed: (beginning, stretch, limit) => ids('keyed', KEYED, stretch, limit, { beginning }),
    began: (stretch, eventType, limit) =>
      ids('began', BEGAN, stretch, limit, { type: eventType ?? '', of_any_type: eventType === null ? 1 : 0 }),
    destinations: (stretch, limit) =>
      // Sorted as the other store does, which is not as bytes are.
      [...ids('destinations', DESTINATIONS, stretch, limit)].sort(),
    sentTo(destination, stretch, limit) {
      const found = sent(destination, stretch, limit + 1);
      return found.length > limit ? null : found;
    },
    sampleOf: sent,
    arrivals(stretch, after, limit) {
      const given = { ...within(stretch), limit };
      if (after !== null) return arrived('following', FOLLOWING, { ...given, after });
      const isEver = stretch.since === -Infinity && stretch.until === Infinity && stretch.tenantId === null;
      return arrived('last', isEver ? NEWEST : LAST, given).toReversed();
    },
  };
}

function minutesOf({ since, until, tenantId }: Stretch): Stretch {
  const [from, to] = [Math.floor(since / minuteMs), Math.ceil(until / minuteMs)];
  return { since: from * minuteMs, until: to * minuteMs, tenantId };
}

export function within({ since, until, tenantId }: Stretch) {
  const wanted = { tenant: tenantId ?? '', of_any: tenantId === null ? 1 : 0 };
  return { since: integerOf(since), until: integerOf(until), ...wanted };
}

function arrivalOf([key, rest, ms, messageId]: unknown[]): Arrival {
  return { key: Number(key), fact_id: joinedId(String(rest), Number(ms)), message_id: String(messageId) };
}

const OF_TENANT = `({of_any:UInt8} = 1 OR tenant_id = {tenant:String})`;
const IN_TIME = `at >= {since:Int64} AND at < {until:Int64}`;
const FAILURES = FAILING.map((outcome) => `'${outcome}'`).join(', ');

const GAPS = `-- Which messages have a gap in this time? Newest first.
SELECT message_id FROM facts WHERE ${IN_TIME} AND kind = 'gap' AND ${OF_TENANT}
GROUP BY message_id ORDER BY max(at) DESC, message_id LIMIT {limit:UInt32}`;

const FAILED = `-- Of which messages did an execution fail in this time? Newest first.
SELECT message_id FROM facts WHERE ${IN_TIME} AND kind = 'settled' AND outcome IN (${FAILURES}) AND ${OF_TENANT}
GROUP BY message_id ORDER BY max(at) DESC, message_id LIMIT {limit:UInt32}`;

/** All workflows that something happened to in this time; the facts of each lie together. */
const ACTIVE = `correlation_id GLOBAL IN (SELECT correlation_id FROM facts WHERE ${IN_TIME})`;

const BEGAN_THEN = `min(at) >= {since:Int64} AND min(at) < {until:Int64}`;
/** Whose a message is says what was first said of it. To know takes reading more: where all are meant it is left out. */
const TENANT = 'argMinIf(tenant_id, arrival, isNotNull(tenant_id)) = {tenant:String}';
const WHOSE = `({of_any:UInt8} = 1 OR ${TENANT})`;

const NOT_OVER = `(countIf(kind = 'discarded' OR (kind = 'settled' AND outcome IN ('ok', 'dead', 'skipped'))) = 0
    OR uniqExactIf(cityHash64(fact_id, at + fact_lag), kind = 'started') > uniqExactIf(cityHash64(fact_id, at + fact_lag), kind = 'settled'))`;

const OPEN = `-- Which messages began in this time, and are not over? Oldest first.
SELECT message_id FROM facts WHERE ${ACTIVE} GROUP BY message_id HAVING ${BEGAN_THEN} AND ${NOT_OVER}
ORDER BY min(at), message_id LIMIT {limit:UInt32}`;

const OPEN_OF_TENANT = `-- Which messages of a tenant began in this time, and are not over? Oldest first.
SELECT message_id FROM facts WHERE ${ACTIVE} GROUP BY message_id HAVING ${BEGAN_THEN} AND ${TENANT} AND ${NOT_OVER}
ORDER BY min(at), message_id LIMIT {limit:UInt32}`;

const KEY = `ifNull(argMinIf(business_key, arrival, isNotNull(business_key)), '')`;

const KEYED = `-- Which messages began in this time with a key that begins like this? Oldest first.
SELECT message_id FROM facts WHERE ${ACTIVE}
GROUP BY message_id
HAVING ${BEGAN_THEN} AND ${WHOSE} AND (startsWith(${KEY}, {beginning:String})
  OR startsWith(extract(${KEY}, '(?s)^[^:]*:(.*)$'), {beginning:String}))
ORDER BY min(at), message_id LIMIT {limit:UInt32}`;

const BEGAN = `-- Which messages of this type began in this time? Newest first.
SELECT message_id FROM facts WHERE ${ACTIVE}
GROUP BY message_id
HAVING ${BEGAN_THEN} AND ${WHOSE}
  AND ({of_any_type:UInt8} = 1 OR argMinIf(event_type, arrival, isNotNull(event_type)) = {type:String})
ORDER BY min(at) DESC, message_id LIMIT {limit:UInt32}`;

const FACTS = `-- How many facts are of this time?
SELECT count() FROM facts WHERE ${IN_TIME} AND ${OF_TENANT}`;

const MESSAGES = `-- How many messages began in this time?
SELECT count() FROM (
  SELECT message_id FROM facts WHERE ${ACTIVE} GROUP BY message_id HAVING ${BEGAN_THEN}
)`;

const MESSAGES_OF_TENANT = `-- How many messages of a tenant began in this time?
SELECT count() FROM (
  SELECT message_id FROM facts WHERE ${ACTIVE} GROUP BY message_id HAVING ${BEGAN_THEN} AND ${TENANT}
)`;

const DESTINATIONS = `-- To where was something sent in this time?
SELECT DISTINCT destination FROM facts WHERE ${IN_TIME} AND kind = 'sent' AND ${OF_TENANT}
ORDER BY destination LIMIT {limit:UInt32}`;

const FOLLOWING = `-- Which facts of this time came after that one? In the order in which they came.
SELECT arrival, fact_id, at + fact_lag, message_id FROM facts
WHERE ${IN_TIME} AND arrival > {after:Int64} AND ${OF_TENANT}
ORDER BY arrival LIMIT {limit:UInt32}`;

/** Without a condition ClickHouse reads only where the last ones may be, by the index of arrivals. */
const NEWEST = `-- Which facts came last, of all that came last? The last of them first.
SELECT arrival, fact_id, at + fact_lag, message_id FROM facts ORDER BY arrival DESC LIMIT {limit:UInt32}`;

const LAST = `-- Which facts of this time came last? The last of them first.
SELECT arrival, fact_id, at + fact_lag, message_id FROM facts WHERE ${IN_TIME} AND ${OF_TENANT}
ORDER BY arrival DESC LIMIT {limit:UInt32}`;
