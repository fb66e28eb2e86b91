import { ledgerError } from '../../errors.ts';
import { namesMax } from '../keep-destinations.ts';
import type { DestinationShelf, DestinationValue, FactReader } from '../store.ts';
import type { Connection } from './connection.ts';
import type { Needs } from './needs.ts';
import type { DeleteFrom } from './spans.ts';
import type { Writing } from './writing.ts';

/** A value is a row of which the newest counts, and one that was taken away is the newest row without a value. */
export function openDestinationShelf(
  { rows, insert }: Connection,
  deleteFrom: DeleteFrom,
  { alone }: Writing,
): DestinationShelf {
  async function refuseTooMany(values: readonly DestinationValue[]): Promise<void> {
    const said = values.filter(({ value }) => value !== null).map(({ destination }) => destination);
    const names = new Set((await rows(NAMES)).map(([name]) => String(name)));
    const added = new Set(said.filter((name) => !names.has(name)));
    if (added.size > 0 && names.size + added.size > namesMax) throw ledgerError('DESTINATIONS_FULL', String(namesMax));
  }

  return {
    keep: (values) =>
      alone(values.length, async () => {
        await refuseTooMany(values);
        await insert(
          'destination_values',
          values.map(({ destination, source, field, value, at }) => [
            ...[destination.toWellFormed(), source, field],
            ...[JSON.stringify(value).toWellFormed(), at],
          ]),
        );
      }),
    remove: (destination) =>
      alone(1, async () => {
        const count = Number((await rows(COUNT, { destination }))[0]?.[0]);
        if (count > 0) await deleteFrom('destination_values', 'destination = {destination:String}', { destination });
        return count;
      }),
  };
}

/** More than there can be: without a limit the order of what is joined with others would count for nothing. */
const valuesMax = 1_000_000;

/** All of them are fetched where one is asked for: they are few, and a question mostly asks for several. */
export function openDestinationsReader(needs: Needs): FactReader['destinations'] {
  return (names) => {
    const asks = [{ statement: VALUES, parameters: {} }];
    const all = needs.other<DestinationValue[]>({ what: 'other', key: 'destinations', asks, answer: valuesOf }) ?? [];
    return names === null ? all : names.flatMap((name) => all.filter(({ destination }) => destination === name));
  };
}

function valuesOf(rows: unknown[][]): DestinationValue[] {
  return rows.map(([destination, source, field, value, at]) => {
    const row = { destination, source, field, value: JSON.parse(String(value)), at };
    return row as DestinationValue; // sound: the columns are selected in this order, and only `keep` writes them
  });
}

const NAMES = `-- Of which destinations is anything said?
SELECT DISTINCT destination FROM destination_values FINAL WHERE value != 'null'`;

const COUNT = `-- How many values are there of this destination?
SELECT count() FROM destination_values FINAL WHERE destination = {destination:String} AND value != 'null'`;

const VALUES = `-- What is said of each destination beside facts?
SELECT destination, source, field, value, at FROM destination_values FINAL WHERE value != 'null'
ORDER BY destination, source, field LIMIT ${valuesMax}`;
