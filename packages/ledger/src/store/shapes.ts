import type { DatabaseSync } from 'node:sqlite';
import { idCode } from './id-codes.ts';
import { CODED } from './id-index.ts';
import { MARKS, STANDING_SQL } from './marks.ts';
import { type PackedId, packId, unpackId } from './packed-id.ts';
import type { CountedMessage, FactReader, PlacedMessage, ShapeGroup } from './store.ts';

/** A workflow may feed itself, and then it has no end. */
const scannedMax = 1_000_000;

/** Workflows of any size, counted by the rows of their messages: what happened to each of them is not read. */
export function openShapes(database: DatabaseSync): Pick<FactReader, 'shapeOf' | 'countedIn' | 'standing'> {
  const groups = database.prepare(
    `-- How many messages of this workflow are of which type, what led to them, and how do they stand?
     SELECT hasCause, led.text AS causeType, types.text AS eventType, messages, executions, gaps, done, dead, discarded,
            firstAt, first.message_id AS firstId, iif(firstCause = lastCause, cause.message_id, NULL) AS causeId
     FROM (
       SELECT hasCause, causeTypeKey, eventTypeKey, count(*) AS messages, sum(starts) AS executions, sum(hasGap) AS gaps,
              ifnull(sum(standing = 'done'), 0) AS done, ifnull(sum(standing = 'dead'), 0) AS dead,
              ifnull(sum(standing = 'discarded'), 0) AS discarded, min(firstAt) AS firstAt, min(messageKey) AS firstKey,
              min(causeKey) AS firstCause, max(causeKey) AS lastCause
       FROM (${rowsWhere('messages.first_at <= :until LIMIT :limit')}) GROUP BY hasCause, causeTypeKey, eventTypeKey
     ) JOIN messages AS first ON first.key = firstKey LEFT JOIN messages AS cause ON cause.key = firstCause
     ${NAMED} ORDER BY messages DESC, firstAt`,
  );
  const single = database.prepare(
    `-- In which of these groups is this message, and how does it count there?
     SELECT messageId, hasCause, led.text AS causeType, types.text AS eventType, standing, starts, hasGap
     FROM (${rowsWhere(`messages.key IN ${CODED} AND messages.message_id = :messageId`)}) ${NAMED}`,
  );
  return {
    shapeOf(correlationId, until, limit) {
      // Sound: the columns are named as the fields; an id is a packed one, and `hasCause` is 0 or 1.
      const found = groups.all({ id: packId(correlationId), until, limit }) as unknown as PackedGroup[];
      return found.map(({ hasCause, causeId, firstId, ...group }) => ({
        ...group,
        hasCause: hasCause === 1,
        causeId: causeId === null ? null : unpackId(causeId),
        firstId: unpackId(firstId),
      }));
    },
    countedIn(correlationId, messageIds) {
      const id = packId(correlationId);
      return [...new Set(messageIds)].flatMap((messageId): CountedMessage[] => {
        const row = single.get({ id, code: idCode(messageId), messageId: packId(messageId) });
        if (row === undefined) return [];
        const { standing, starts, hasGap } = row;
        return [
          {
            ...placedOf(row),
            standing: standing as CountedMessage['standing'], // sound: STANDING_SQL makes nothing else
            executions: Number(starts),
            hasGap: hasGap === 1,
          },
        ];
      });
    },
    standing: openStanding(database),
  };
}

interface PackedGroup extends Omit<ShapeGroup, 'hasCause' | 'causeId' | 'firstId'> {
  readonly hasCause: number;
  readonly causeId: PackedId | null;
  readonly firstId: PackedId;
}

/** Of the same workflow, and with facts. */
const IS_CAUSE = 'causes.key = messages.cause AND causes.workflow = messages.workflow AND causes.first_at IS NOT NULL';

/** Of one workflow; what led to a message counts where it has facts. */
function rowsWhere(condition: string): string {
  return `SELECT messages.key AS messageKey, messages.message_id AS messageId, messages.first_at AS firstAt, messages.event_type AS eventTypeKey,
            causes.key AS causeKey, causes.key IS NOT NULL AS hasCause, causes.event_type AS causeTypeKey, messages.starts,
            messages.marks & ${MARKS.gap} <> 0 AS hasGap, ${STANDING_SQL} AS standing
          FROM messages LEFT JOIN messages AS causes ON ${IS_CAUSE}
          WHERE messages.workflow = (SELECT key FROM workflows WHERE correlation_id = :id)
            AND messages.first_at IS NOT NULL AND ${condition}`;
}

const NAMED = 'LEFT JOIN names AS led ON led.key = causeTypeKey LEFT JOIN names AS types ON types.key = eventTypeKey';

function openStanding(database: DatabaseSync): FactReader['standing'] {
  const select = (condition: string) =>
    database.prepare(
      `-- Which messages of this workflow stand like this? Oldest first; only of these is looked up what led to them.
       SELECT messages.message_id AS messageId, causes.key IS NOT NULL AS hasCause, led.text AS causeType,
              types.text AS eventType
       FROM (
         SELECT key, first_at FROM (
           SELECT key, first_at, ${STANDING_SQL} AS standing FROM messages
           WHERE workflow = (SELECT key FROM workflows WHERE correlation_id = :id) AND first_at <= :until
           ORDER BY first_at LIMIT ${scannedMax}
         ) WHERE standing ${condition} LIMIT :limit
       ) AS found JOIN messages ON messages.key = found.key
       LEFT JOIN messages AS causes ON ${IS_CAUSE}
       LEFT JOIN names AS led ON led.key = causes.event_type LEFT JOIN names AS types ON types.key = messages.event_type
       ORDER BY found.first_at`,
    );
  const statements = { open: select('IS NULL'), dead: select("= 'dead'") };
  return (correlationId, how, until, limit) =>
    statements[how].all({ id: packId(correlationId), until, limit }).map(placedOf);
}

function placedOf({ messageId, hasCause, causeType, eventType }: Record<string, unknown>): PlacedMessage {
  return {
    // Sound: the column holds packed ids only.
    messageId: unpackId(messageId as PackedId),
    hasCause: hasCause === 1,
    causeType: textOf(causeType),
    eventType: textOf(eventType),
  };
}

function textOf(value: unknown): string | null {
  return value === null ? null : String(value);
}
