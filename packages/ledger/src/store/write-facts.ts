import type { DatabaseSync } from 'node:sqlite';
import type { DroppedFact, Fact } from 'waybill';
import type { Blocks } from './blocks.ts';
import { openFactIds } from './fact-ids.ts';
import { readLine } from './fact-lines.ts';
import { openIdIndex } from './id-index.ts';
import { type Interned, internNames } from './interned.ts';
import { laidTogetherMax, openLayer } from './lay-facts.ts';
import { openMessages } from './messages.ts';
import { packId } from './packed-id.ts';
import { openResolver, type Resolved } from './resolve-fact.ts';
import type { Appended } from './store.ts';

export interface FactWriter {
  /** Writes into the open transaction; a fact whose id is there already changes nothing. */
  write(facts: readonly Fact[]): Appended;
  /** After a rollback: what was remembered may not be in the file. */
  forget(): void;
}

export function openFactWriter(database: DatabaseSync, blocks: Blocks): FactWriter {
  const factIds = openFactIds(database);
  const ids = openIdIndex(database);
  const messages = openMessages(database, ids.add);
  const names = internNames(database);
  const resolver = openResolver(database, names, messages);
  const layDown = openLayer(database, blocks, ids.add, factIds.add);
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

  /** Those that are new. */
  function writeTogether(facts: readonly Fact[]): Fact[] {
    const written = new Map<string, Fact>();
    const resolved: Resolved[] = [];
    const end = blocks.end();
    for (const fact of facts) {
      if (written.has(fact.fact_id) || isThere(fact.fact_id)) continue;
      written.set(fact.fact_id, fact);
      if (fact.kind === 'dropped') factIds.add([{ id: fact.fact_id, place: -writeDropped(fact) }]);
      else resolved.push(resolver.resolve(fact, end + resolved.length));
    }
    layDown(resolved);
    messages.write();
    ids.write();
    return [...written.values()];
  }

  return {
    write(facts) {
      let stored = 0;
      let since = Number.POSITIVE_INFINITY;
      let until = Number.NEGATIVE_INFINITY;
      for (let done = 0; done < facts.length; done += laidTogetherMax) {
        for (const { at } of writeTogether(facts.slice(done, done + laidTogetherMax))) {
          stored++;
          since = Math.min(since, Math.trunc(at));
          until = Math.max(until, Math.trunc(at));
        }
      }
      resolver.write();
      if (stored > 0) extend.run({ stored, since, until });
      return { stored, repeated: facts.length - stored };
    },
    forget() {
      for (const each of [blocks, factIds, ids, messages, names, resolver]) each.forget();
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
