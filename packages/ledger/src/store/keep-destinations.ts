import type { DatabaseSync } from 'node:sqlite';
import { ledgerError } from '../errors.ts';
import type { GroupCommit } from './group-commit.ts';
import type { DestinationShelf, DestinationValue, FactReader } from './store.ts';

/** A queue for each reply would fill the table: names that a probe made up are no destinations. */
export const namesMax = 10_000;

interface Destinations {
  readonly shelf: DestinationShelf;
  readonly read: FactReader['destinations'];
}

/** All of them are read at once and remembered: they are asked for with every page, and told anew every few seconds. */
export function openDestinations(database: DatabaseSync, group: GroupCommit): Destinations {
  let remembered: { readonly version: unknown; readonly values: DestinationValue[] } | undefined;
  const dataVersion = database.prepare('PRAGMA data_version');
  const { all, of } = openValues(database);
  return {
    shelf: openShelf(database, group, () => {
      remembered = undefined;
    }),
    read(names) {
      if (names !== null) return names.flatMap(of);
      // It changes where another process wrote to the file; what this one writes forgets by itself.
      const version = dataVersion.get()?.['data_version'];
      if (remembered?.version !== version) remembered = undefined;
      remembered ??= { version, values: all() };
      return remembered.values;
    },
  };
}

function openShelf(database: DatabaseSync, { commit, grow }: GroupCommit, forget: () => void): DestinationShelf {
  const put = database.prepare(
    `INSERT INTO destination_values (destination, source, field, value, at)
     VALUES (:destination, :source, :field, :value, :at)
     ON CONFLICT DO UPDATE SET value = excluded.value, at = excluded.at WHERE excluded.at >= destination_values.at`,
  );
  const take = database.prepare(
    `DELETE FROM destination_values
     WHERE destination = :destination AND source = :source AND field = :field AND at <= :at`,
  );
  const remove = database.prepare('DELETE FROM destination_values WHERE destination = ?');
  const isKnown = database.prepare('SELECT 1 FROM destination_values WHERE destination = ? LIMIT 1');
  const count = database.prepare('SELECT count(DISTINCT destination) AS names FROM destination_values');

  function refuseTooMany(values: readonly DestinationValue[]): void {
    const names = new Set(values.filter(({ value }) => value !== null).map(({ destination }) => destination));
    const added = [...names].filter((name) => isKnown.get(name) === undefined).length;
    if (added > 0 && Number(count.get()?.['names']) + added > namesMax)
      throw ledgerError('DESTINATIONS_FULL', String(namesMax));
  }

  return {
    async keep(values) {
      refuseTooMany(values);
      await grow(values.length, () => {
        forget();
        for (const { value, ...at } of values) {
          if (value === null) take.run(at);
          else put.run({ ...at, value: JSON.stringify(value) });
        }
      });
    },
    remove: (destination) =>
      commit(1, () => {
        forget();
        return Number(remove.run(destination).changes);
      }),
  };
}

function openValues(database: DatabaseSync) {
  const all = database.prepare(
    `-- What is said of each destination beside facts?
     SELECT destination, source, field, value, at FROM destination_values ORDER BY destination, source, field`,
  );
  const one = database.prepare(
    `-- What is said of this destination beside facts?
     SELECT destination, source, field, value, at FROM destination_values WHERE destination = ?
     ORDER BY source, field`,
  );
  return { all: () => all.all().map(storedValue), of: (name: string) => one.all(name).map(storedValue) };
}

function storedValue({ value, ...row }: Record<string, unknown>): DestinationValue {
  // Sound: the columns are named as the fields, only `keep` writes them, and STRICT tables hold their types.
  return { ...row, value: JSON.parse(String(value)) } as DestinationValue;
}
