import type { DatabaseSync } from 'node:sqlite';
import { canonicalId, type EndingRange, isNearby, nearbyRanges, rangeOf, typedEnding } from './endings.ts';
import { type PackedId, packHex, packId, unpackId } from './packed-id.ts';
import type { FactReader, Match } from './store.ts';

/** An id, and the key of the message that it stands for. */
interface Named {
  readonly kind: Match['kind'];
  readonly id: string;
  readonly message: number;
}

/** Where an ending of six fits more ids than this, somebody made them up. */
const candidatesMax = 1_000;

export function openFinder(database: DatabaseSync): Pick<FactReader, 'find' | 'near'> {
  const findExactly = openExactFinder(database);
  const endingIn = openEndingFinder(database);
  const matchOf = openDescriber(database);

  function matchesOf(named: Iterable<Named>, limit: number): Match[] {
    const matches = new Map<number, Match>();
    for (const each of named) {
      if (matches.size >= limit) break;
      if (!matches.has(each.message)) matches.set(each.message, matchOf(each));
    }
    return [...matches.values()];
  }

  return {
    find(id, limit) {
      const exact = matchesOf(findExactly(id, limit), limit);
      if (exact.length > 0) return exact;
      const canonical = canonicalId(id);
      if (canonical?.includes('_')) return matchesOf(findExactly(canonical, limit), limit);
      const ending = typedEnding(id);
      const range = ending === null ? null : rangeOf(ending);
      if (ending === null || range === null) return [];
      return matchesOf(
        endingIn(range).filter((named) => named.id.endsWith(ending)),
        limit,
      );
    },
    near(id, limit) {
      const canonical = canonicalId(id);
      if (canonical === null) return [];
      const candidates = nearbyRanges(canonical).flatMap(endingIn);
      return matchesOf(
        candidates.filter((named) => isNearby(canonical, named.id)),
        limit,
      );
    },
  };
}

function openExactFinder(database: DatabaseSync): (id: string, limit: number) => Generator<Named> {
  const message = database.prepare(
    `-- Which message has this id?
     SELECT key AS message FROM messages WHERE message_id = ? AND first_at IS NOT NULL`,
  );
  const workflow = database.prepare(
    `-- Which workflow has this id, and which of its messages came first?
     SELECT first_message AS message FROM workflows WHERE correlation_id = ?`,
  );
  const execution = database.prepare(
    `-- Which messages did this execution run?
     SELECT message FROM executions WHERE execution_id = ? ORDER BY message LIMIT ?`,
  );
  const broker = database.prepare(
    `-- Which messages did a broker give this id?
     SELECT message FROM broker_ids WHERE broker_id = ? ORDER BY message LIMIT ?`,
  );
  const trace = database.prepare(
    `-- Which message came first in this trace?
     SELECT first_message AS message FROM traces WHERE trace_id = ? AND first_message IS NOT NULL`,
  );
  const businessKeys = database.prepare(
    `-- Which keys are written like this, whole or behind their first colon?
     SELECT key, text FROM business_keys WHERE text = :id
     UNION SELECT key, text FROM business_keys WHERE bare = :id LIMIT :limit`,
  );
  const keyed = database.prepare(
    `-- Which messages carry this key? Oldest first.
     SELECT key AS message FROM messages WHERE business_key = ? AND first_at IS NOT NULL ORDER BY first_at, key LIMIT ?`,
  );
  return function* (id, limit) {
    const packed = packId(id);
    const own = message.all(packed);
    yield* named('message', id, own);
    // A workflow is named by its root: where that has facts, it stands for the workflow even if a skewed clock put
    // another one first.
    if (own.length === 0) yield* named('workflow', id, workflow.all(packed));
    yield* named('execution', id, execution.all(packed, limit));
    yield* named('broker', id, broker.all(id, limit));
    yield* named('trace', id, trace.all(packHex(id, 32)));
    for (const { key, text } of businessKeys.all({ id, limit })) {
      yield* named('business_key', String(text), keyed.all(Number(key), limit));
    }
  };
}

function* named(kind: Match['kind'], id: string, rows: readonly Record<string, unknown>[]): Generator<Named> {
  for (const { message } of rows) yield { kind, id, message: Number(message) };
}

function openEndingFinder(database: DatabaseSync): (range: EndingRange) => Named[] {
  const select = database.prepare(
    `-- Which own ids end like this?
     SELECT 'message' AS kind, message_id AS id, key AS message FROM messages
       WHERE ending BETWEEN :low AND :high AND first_at IS NOT NULL
     UNION ALL
     SELECT 'execution', execution_id, message FROM executions WHERE ending BETWEEN :low AND :high
     UNION ALL
     SELECT 'workflow', correlation_id, first_message FROM workflows
       WHERE ending BETWEEN :low AND :high AND NOT EXISTS (
         SELECT 1 FROM messages WHERE message_id = correlation_id AND first_at IS NOT NULL)
     LIMIT :limit`,
  );
  return ({ low, high }) =>
    // Sound: the columns are named here, and `id` holds packed ids.
    (
      select.all({ low, high, limit: candidatesMax }) as unknown as {
        kind: Match['kind'];
        id: PackedId;
        message: number;
      }[]
    ).map(({ kind, id, message }) => ({ kind, id: unpackId(id), message }));
}

function openDescriber(database: DatabaseSync): (named: Named) => Match {
  const select = database.prepare(
    `-- What is known of this message?
     SELECT message_id, event_types.text AS event_type, tenants.text AS tenant_id, business_keys.text AS business_key,
            first_at AS at
     FROM messages
     LEFT JOIN names AS event_types ON event_types.key = messages.event_type
     LEFT JOIN names AS tenants ON tenants.key = messages.tenant
     LEFT JOIN business_keys ON business_keys.key = messages.business_key
     WHERE messages.key = ?`,
  );
  return ({ kind, id, message }) => {
    // Sound: every message that is named has a row, and the columns are named as the fields of a match.
    const row = select.get(message) as unknown as Omit<Match, 'kind' | 'id' | 'message_id'> & { message_id: PackedId };
    return { kind, id, ...row, message_id: unpackId(row.message_id) };
  };
}
