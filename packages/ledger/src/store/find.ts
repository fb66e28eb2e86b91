import type { DatabaseSync } from 'node:sqlite';
import { canonicalId, type EndingRange, endingOf, isNearby, nearbyRanges, rangeOf, typedEnding } from './endings.ts';
import { codesOfEndings, idCode } from './id-codes.ts';
import { CODED, CODED_BETWEEN } from './id-index.ts';
import { messageMissing, openMessageReader } from './message-rows.ts';
import { type PackedId, packHex, packId, unpackId } from './packed-id.ts';
import type { FactsReader } from './read-facts.ts';
import { checkRow } from './row-sums.ts';
import type { FactReader, Match } from './store.ts';
import { checkWhole } from './wholes.ts';

/** An id, and the key of the message that it stands for. */
interface Named {
  readonly kind: Match['kind'];
  readonly id: string;
  readonly message: number;
}

/** Where an ending of six fits more ids than this, somebody made them up. */
const candidatesMax = 1_000;

export function openFinder(database: DatabaseSync, facts: FactsReader): Pick<FactReader, 'find' | 'near'> {
  const findExactly = openExactFinder(database, facts);
  const endingIn = openEndingFinder(database, facts);
  const matchOf = openDescriber(database, facts);

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
      facts.refuseLost(id);
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

function openExactFinder(
  database: DatabaseSync,
  { ofMessage }: FactsReader,
): (id: string, limit: number) => Generator<Named> {
  const coded = database.prepare(
    `-- Which messages may have this id, or one of their executions, or of a broker?
     SELECT messages.key, message_id = :id FROM ${CODED} AS ids JOIN messages ON messages.key = ids.message
     WHERE first_at IS NOT NULL ORDER BY ids.message`,
  );
  const workflow = database.prepare(
    `-- Which workflow has this id, and which of its messages came first?
     SELECT key, first_message, first_at, sum FROM workflows WHERE correlation_id = ?`,
  );
  const trace = database.prepare(
    `-- Which message came first in this trace?
     SELECT key, first_message, first_at, sum FROM traces WHERE trace_id = ? AND first_message IS NOT NULL`,
  );
  const keyed = database.prepare(
    `-- Which messages carry this key? Oldest first.
     SELECT key FROM messages WHERE business_key = ? AND first_at IS NOT NULL ORDER BY first_at, key LIMIT ?`,
  );
  for (const statement of [coded, keyed]) statement.setReturnArrays(true);
  const businessKeysOf = openBusinessKeys(database);
  /** One after another, because of each that is no message's the facts have to be read. */
  function* others(id: string, keys: readonly number[]): Generator<Named & { readonly kind: 'execution' | 'broker' }> {
    for (const message of keys) {
      const said = ofMessage(message).map((fact) => fact.said);
      if (said.some(({ execution }) => execution === id)) yield { kind: 'execution', id, message };
      else if (said.some(({ broker }) => broker === id)) yield { kind: 'broker', id, message };
    }
  }
  return function* (id, limit) {
    const packed = packId(id);
    // Sound, here and below: rows are arrays, and these columns hold integers.
    const found = coded.all({ code: idCode(id), id: packed }) as unknown as [key: number, isOwn: number][];
    const own = found.filter(([, isOwn]) => isOwn === 1);
    yield* named('message', id, own);
    // A workflow is named by its root: where that has facts, it stands for the workflow even if a skewed clock put
    // another one first.
    if (own.length === 0) yield* named('workflow', id, wholes('workflow', id, workflow.all(packed)));
    const rest = found.filter(([, isOwn]) => isOwn !== 1).map(([key]) => key);
    yield* others(id, rest);
    yield* named('trace', id, wholes('trace', id, trace.all(packHex(id, 32))));
    for (const { key, text } of businessKeysOf(id, limit)) yield* named('business_key', text, keyed.all(key, limit));
  };
}

/** A union of both would make a table to sort them in: that took as long as all else that is looked up. */
function openBusinessKeys(database: DatabaseSync): (id: string, limit: number) => { key: number; text: string }[] {
  const whole = database.prepare(
    `-- Which key is written like this?
     SELECT key, text, sum FROM business_keys WHERE text = ?`,
  );
  const bare = database.prepare(
    `-- Which keys are written like this behind their first colon?
     SELECT key, text, sum FROM business_keys WHERE bare = ? ORDER BY key LIMIT ?`,
  );
  return (id, limit) => {
    const rows = [...whole.all(id), ...bare.all(id, limit)];
    for (const { key, text, sum } of rows) checkRow('business key', sum, String(text), [Number(key)]);
    const keys = new Map(rows.map(({ key, text }) => [Number(key), String(text)]));
    return [...keys]
      .map(([key, text]) => ({ key, text }))
      .sort((a, b) => a.key - b.key)
      .slice(0, limit);
  };
}

/** The first message of each, which stands for the whole. */
function* wholes(kind: 'workflow' | 'trace', id: string, rows: readonly Record<string, unknown>[]) {
  for (const row of rows) {
    checkWhole(kind, id, row);
    yield [row['first_message']];
  }
}

function* named(kind: Match['kind'], id: string, rows: Iterable<unknown>): Generator<Named> {
  for (const [message] of rows as Iterable<readonly [number]>) yield { kind, id, message };
}

function openEndingFinder(database: DatabaseSync, { ofMessage }: FactsReader): (range: EndingRange) => Named[] {
  const select = database.prepare(
    `-- Which messages have an own id that ends like this, or an execution?
     SELECT ids.code, messages.key AS message, message_id AS id FROM ${CODED_BETWEEN} AS ids
     JOIN messages ON messages.key = ids.message WHERE first_at IS NOT NULL ORDER BY ids.code LIMIT :limit`,
  );
  const workflows = database.prepare(
    `-- Which workflows have an id that ends like this, and no message that is named after them?
     SELECT 'workflow' AS kind, correlation_id AS id, first_message AS message FROM workflows
     WHERE ending BETWEEN :low AND :high LIMIT :limit`,
  );
  return ({ low, high }) => {
    const messages: Named[] = [];
    const executions: Named[] = [];
    for (const row of select.all({ ...codesOfEndings({ low, high }), limit: candidatesMax })) {
      const [id, message] = [unpackId(row['id'] as PackedId), Number(row['message'])]; // the column holds packed ids only
      if (idCode(id) === row['code']) messages.push({ kind: 'message', id, message });
      else executions.push(...executionsOf(message, Number(row['code'])));
    }
    const found = [...messages.sort(byEnding), ...executions.sort(byEnding)];
    const roots = new Set(found.map(({ id }) => id));
    for (const row of workflows.all({ low, high, limit: candidatesMax })) {
      const id = unpackId(row['id'] as PackedId); // as above
      if (!roots.has(id)) found.push({ kind: 'workflow', id, message: Number(row['message']) });
    }
    return found;
  };

  function executionsOf(message: number, code: number): Named[] {
    const ids = new Set(ofMessage(message).map(({ said }) => said.execution));
    return [...ids]
      .filter((id) => id !== null && idCode(id) === code)
      .map((id) => ({ kind: 'execution', id: id as string, message }));
  }
}

/** Those of one ending in the order in which they came. */
function byEnding(a: Named, b: Named): number {
  return (endingOf(a.id) ?? 0) - (endingOf(b.id) ?? 0) || a.message - b.message;
}

function openDescriber(database: DatabaseSync, { texts }: FactsReader): (named: Named) => Match {
  const read = openMessageReader(database);
  return ({ kind, id, message }) => {
    const stored = read(message);
    if (stored === undefined) throw messageMissing();
    const [, , , at, tenant, eventType, businessKey] = stored.columns;
    return {
      ...{ kind, id },
      message_id: stored.id,
      event_type: eventType === null ? null : texts.name(eventType),
      tenant_id: tenant === null ? null : texts.name(tenant),
      business_key: businessKey === null ? null : texts.businessKey(businessKey),
      at: at as number, // sound: a message that is found has facts
    };
  };
}
