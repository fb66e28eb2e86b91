import type { Connection } from './connection.ts';

/** ClickHouse takes no parameter of more than 128 KiB; what is quoted in it may become twice as long. */
const charactersMax = 60_000;

/** The same list in parts that each fit one parameter. */
export function slicesOf<Item>(items: readonly Item[], textOf: (item: Item) => string): Item[][] {
  const slices: Item[][] = [];
  let characters = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const { length } = textOf(item);
    characters += length + 3; // two quotes and a comma
    if (characters > charactersMax) {
      slices.push([]);
      characters = length;
    }
    slices.at(-1)?.push(item);
  }
  return slices;
}

/** The rows of a statement that asks of each in a list, however long that is. */
export async function rowsOfEach(
  rows: Connection['rows'],
  statement: string,
  name: string,
  texts: readonly string[],
): Promise<unknown[][]> {
  const slices = slicesOf(texts, (text) => text);
  return (await Promise.all(slices.map((slice) => rows(statement, { [name]: slice })))).flat();
}
