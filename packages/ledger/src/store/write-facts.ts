import type { DatabaseSync } from 'node:sqlite';
import type { DroppedFact, Fact } from 'waybill';
import type { Blocks } from './blocks.ts';
import { openFactIds } from './fact-ids.ts';
import { readLine } from './fact-lines.ts';
import type { Notes } from './group-commit.ts';
import type { IdIndex } from './id-index.ts';
import { type Interned, internNames } from './interned.ts';
import { laidTogetherMax, openLayer } from './lay-facts.ts';
import { openMessages } from './messages.ts';
import { packId } from './packed-id.ts';
import { openResolver } from './resolve-fact.ts';
import type { Appended } from './store.ts';

export interface FactWriter extends Notes {
  /** Forgets what is remembered of rows: some were deleted. */
  forgetRows(): void;
  /** Notes facts, to be written into the open transaction; one whose id is there already changes nothing. */
  write(facts: readonly Fact[]): Appended;
}

export function openFactWriter(database: DatabaseSync, blocks: Blocks, ids: IdIndex): FactWriter {
  const factIds = openFactIds(database);
  const messages = openMessages(database, ids);
  const names = internNames(database);
  const resolver = openResolver(database, names, messages);
  const layer = openLayer(database, blocks, ids.add, factIds.add);
  const writeDropped = droppedWriter(database, names);
  const dropped = database.prepare('SELECT 1 FROM dropped WHERE key = ? AND fact_id = ?');
  const extend = database.prepare(
    `UPDATE extent SET facts = facts + :stored,
       since = min(ifnull(since, :since), :since), until = max(ifnull(until, :until), :until)`,
  );

  function isThere(id: string): boolean {
    return factIds.candidates(id).some((place) => {
      if (place < 0) return dropped.get(-place, packId(id)) !== undefined;
      const line = blocks.line(place);
      return line !== undefined && line !== '' && readLine(line, place).factId === id;
    });
  }

  const noted = new Set<string>();
  let stored = 0;
  let since = Number.POSITIVE_INFINITY;
  let until = Number.NEGATIVE_INFINITY;

  function note(fact: Fact): void {
    if (fact.kind === 'dropped') factIds.add([{ id: fact.fact_id, place: -writeDropped(fact) }]);
    else layer.note(resolver.resolve(fact, blocks.end() + layer.count()));
    noted.add(fact.fact_id);
    stored++;
    since = Math.min(since, Math.trunc(fact.at));
    until = Math.max(until, Math.trunc(fact.at));
    if (layer.count() === laidTogetherMax) layNoted();
  }

  function layNoted(): void {
    layer.lay();
    messages.write();
    ids.write();
    noted.clear();
  }

  function forgetRows(): void {
    noted.clear();
    [stored, since, until] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const each of [blocks, factIds, layer, messages, names, resolver]) each.forget();
  }

  return {
    write(facts) {
      let repeated = 0;
      for (const fact of facts) {
        if (noted.has(fact.fact_id) || isThere(fact.fact_id)) repeated++;
        else note(fact);
      }
      return { stored: facts.length - repeated, repeated };
    },
    flush() {
      if (stored === 0) return;
      layNoted();
      resolver.write();
      extend.run({ stored, since, until });
      [stored, since, until] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    },
    forgetRows,
    forget() {
      ids.forget();
      forgetRows();
    },
  };
}

function droppedWriter(database: DatabaseSync, names: Interned) {
  const insert = database.prepare(
    `INSERT INTO dropped (fact_id, at, since, count, service, instance, version, why)
     VALUES (:fact_id, :at, :since, :count, :service, :instance, :version, :why)`,
  );
  return ({ fact_id, at, since, count, service, instance, version, why }: DroppedFact): number => {
    const { lastInsertRowid } = insert.run({
      fact_id: packId(fact_id),
      at: Math.trunc(at),
      since: Math.trunc(since),
      count,
      service: names.keyOf(service),
      instance: names.keyOf(instance),
      version: version === undefined ? null : names.keyOf(version),
      why,
    });
    return Number(lastInsertRowid);
  };
}
