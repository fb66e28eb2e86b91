import type { CountedMessage, FactReader, PlacedMessage, ShapeGroup } from '../store.ts';
import type { Ask } from './asks.ts';
import type { Needs } from './needs.ts';
import { slicesOf } from './slices.ts';

/** Workflows of any size, counted message by message in the database: none of their facts is fetched. */
export function openShapes(needs: Needs): Pick<FactReader, 'shapeOf' | 'countedIn' | 'standing'> {
  const asked = <Found>(name: string, given: readonly unknown[], asks: readonly Ask[], of: (row: unknown[]) => Found) =>
    needs.other<Found[]>({
      ...{ what: 'other', key: `${name} ${JSON.stringify(given)}` },
      ...{ asks, answer: (rows) => rows.map(of) },
    }) ?? [];
  return {
    shapeOf: (workflow, until, limit) =>
      asked(
        'shape',
        [workflow, until, limit],
        [{ statement: SHAPE, parameters: { workflow, until, scanned: limit } }],
        groupOf,
      ),
    countedIn(workflow, messageIds) {
      const given = { workflow, until: untilMax, scanned: scannedMax };
      const slices = slicesOf([...new Set(messageIds)], (id) => id);
      const asks = slices.map((ids) => ({ statement: COUNTED, parameters: { ...given, ids } }));
      return asked('counted', [workflow, messageIds], asks, countedOf);
    },
    standing(workflow, how, until, limit) {
      const standing = how === 'open' ? '' : how;
      const parameters = { workflow, until, scanned: scannedMax, standing, limit };
      return asked('standing', [workflow, how, until, limit], [{ statement: STANDING, parameters }], placedOf);
    },
  };
}

const scannedMax = 1_000_000;
/** Later than any fact. */
const untilMax = 8_640_000_000_000_000;

function textOf(value: unknown): string | null {
  return value === null ? null : String(value);
}

function placedOf([messageId, hasCause, causeType, eventType]: unknown[]): PlacedMessage {
  return {
    ...{ messageId: String(messageId), hasCause: Number(hasCause) === 1 },
    ...{ causeType: textOf(causeType), eventType: textOf(eventType) },
  };
}

function countedOf(row: unknown[]): CountedMessage {
  const [standing, executions, hasGap] = row.slice(4);
  return {
    ...placedOf(row),
    standing: standing === '' ? null : (standing as CountedMessage['standing']), // sound: the statement makes nothing else
    executions: Number(executions),
    hasGap: Number(hasGap) === 1,
  };
}

function groupOf([firstId, hasCause, causeType, eventType, causeId, firstAt, ...counts]: unknown[]): ShapeGroup {
  const [messages = 0, executions = 0, gaps = 0, done = 0, dead = 0, discarded = 0] = counts.map(Number);
  const { hasCause: has, ...types } = placedOf([firstId, hasCause, causeType, eventType]);
  return {
    ...{ hasCause: has, causeType: types.causeType, eventType: types.eventType },
    ...{ messages, executions, gaps, done, dead, discarded },
    ...{ causeId: textOf(causeId), firstAt: Number(firstAt), firstId: types.messageId },
  };
}

/** As `marks.ts` has them, of facts. */
const MARK = `multiIf(kind = 'settled', multiIf(outcome = 'ok', 1, outcome = 'dead', 2, outcome = 'skipped', 4, 0),
    kind = 'discarded', 8, kind = 'replayed', 32, kind = 'gap', 64, 0)`;

const STANDS = `multiIf(unsettled != 0, '', bitAnd(marks, 47) IN (1, 4, 5), 'done', bitAnd(marks, 47) IN (2, 6), 'dead',
    bitAnd(marks, 47) = 8, 'discarded', '')`;

/** Its messages, a row each. */
const OWN = `SELECT message_id, min(at) AS first_at, min(arrival) AS place,
    argMinIf(event_type, arrival, isNotNull(event_type)) AS event_type,
    argMinIf(causation_id, arrival, isNotNull(causation_id)) AS cause,
    uniqExactIf(cityHash64(fact_id, at + fact_lag), kind = 'started') AS starts,
    toInt64(starts) - toInt64(uniqExactIf(cityHash64(fact_id, at + fact_lag), kind = 'settled')) AS unsettled,
    groupBitOr(toUInt8(${MARK})) AS marks
  FROM facts WHERE correlation_id = {workflow:String}
  GROUP BY message_id HAVING first_at <= {until:Int64} ORDER BY first_at, place LIMIT {scanned:UInt32}`;

/** With what led to them in the same workflow. */
const PLACED = `SELECT own.message_id AS message_id, own.first_at AS first_at, own.place AS place,
    own.event_type AS event_type, own.cause AS cause, own.starts AS starts, bitAnd(own.marks, 64) != 0 AS has_gap,
    led.message_id != '' AS has_cause, if(has_cause, led.event_type, NULL) AS cause_type,
    ${STANDS} AS standing
  FROM (${OWN}) AS own
  LEFT JOIN (
    SELECT message_id, argMinIf(event_type, arrival, isNotNull(event_type)) AS event_type
    FROM facts WHERE correlation_id = {workflow:String} GROUP BY message_id
  ) AS led ON led.message_id = ifNull(own.cause, '')`;

const SHAPE = `-- How many messages of this workflow are of which type, what led to them, and how do they stand?
SELECT argMin(message_id, place), has_cause, cause_type, event_type,
  if(has_cause AND uniqExact(cause) = 1, any(cause), NULL), min(first_at),
  count() AS messages, sum(starts), countIf(has_gap), countIf(standing = 'done'), countIf(standing = 'dead'),
  countIf(standing = 'discarded')
FROM (${PLACED}) GROUP BY has_cause, cause_type, event_type ORDER BY messages DESC, min(first_at)`;

const COUNTED = `-- In which of these groups are these messages, and how do they count there?
SELECT message_id, has_cause, cause_type, event_type, standing, starts, has_gap
FROM (${PLACED}) WHERE message_id IN {ids:Array(String)}`;

const STANDING = `-- Which messages of this workflow stand like this? Oldest first.
SELECT message_id, has_cause, cause_type, event_type
FROM (${PLACED}) WHERE standing = {standing:String} ORDER BY first_at, place LIMIT {limit:UInt32}`;
