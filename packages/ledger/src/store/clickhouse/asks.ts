import type { Connection } from './connection.ts';

/** One statement, and the values of its parameters. */
export interface Ask {
  readonly statement: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Of more than this in one, each would wait for the slowest of many. */
const joinedMax = 16;

/**
 * The rows of each. A statement costs as much as the few rows that most of these read, so they are asked as one: a row of
 * it says whose it is, and is text, because their columns differ.
 */
export async function rowsOfAll(rows: Connection['rows'], asks: readonly Ask[]): Promise<unknown[][][]> {
  const groups = Array.from({ length: Math.ceil(asks.length / joinedMax) }, (_, group) =>
    asks.slice(group * joinedMax, (group + 1) * joinedMax),
  );
  return (await Promise.all(groups.map((group) => rowsOfGroup(rows, group)))).flat();
}

async function rowsOfGroup(rows: Connection['rows'], asks: readonly Ask[]): Promise<unknown[][][]> {
  const [only] = asks;
  if (only !== undefined && asks.length === 1) return [await rows(only.statement, only.parameters)];
  const found: unknown[][][] = asks.map(() => []);
  const { statement, parameters } = joined(asks);
  for (const [place, row] of await rows(statement, parameters))
    found[Number(place)]?.push(JSON.parse(String(row)) as unknown[]); // sound: a tuple without names is an array
  return found;
}

/** Parameters of one name are told apart by the place of their statement. */
function joined(asks: readonly Ask[]): Ask {
  const parameters: Record<string, unknown> = {};
  const parts = asks.map((ask, place) => {
    for (const [name, value] of Object.entries(ask.parameters)) parameters[`${name}_${place}`] = value;
    const own = ask.statement.replaceAll(/\{(\w+):/g, `{$1_${place}:`);
    return `SELECT ${place} AS place, toJSONString(tuple(*)) AS cells FROM (\n${own}\n)`;
  });
  return { statement: parts.join('\nUNION ALL\n'), parameters };
}
