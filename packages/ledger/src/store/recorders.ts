import type { DatabaseSync } from 'node:sqlite';
import type { FactReader } from './store.ts';

/** Which services record facts themselves, of which systems: what their spans tell as well is not told twice. */
export interface Recorders {
  /** By the keys of their names. */
  add(service: number, system: number): void;
  forget(): void;
}

export function openRecorders(database: DatabaseSync): Recorders {
  const insert = database.prepare('INSERT OR IGNORE INTO recorders (service, system) VALUES (?, ?)');
  // Few: a service speaks to a handful of systems.
  const known = new Set<string>();
  return {
    add(service, system) {
      const pair = `${service} ${system}`;
      if (known.has(pair)) return;
      insert.run(service, system);
      known.add(pair);
    },
    forget: () => known.clear(),
  };
}

/** Whether the service has recorded a send or a start of this system: `pg-boss` to one is `pg_boss` to another. */
export function openRecordersReader(database: DatabaseSync): FactReader['records'] {
  const select = database.prepare(
    `-- Does this service record what it sends to, or takes from, this system?
     SELECT 1 FROM recorders
     JOIN names AS services ON services.key = recorders.service JOIN names AS systems ON systems.key = recorders.system
     WHERE services.text = :service AND (:system IS NULL OR replace(systems.text, '-', '_') = replace(:system, '-', '_'))`,
  );
  return (service, system) => select.get({ service, system }) !== undefined;
}
