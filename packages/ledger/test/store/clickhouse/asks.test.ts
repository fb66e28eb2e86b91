import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowsOfAll } from '../../../src/store/clickhouse/asks.ts';

type Asked = { readonly statement: string; readonly parameters: Readonly<Record<string, unknown>> | undefined };

function asking(answer: (asked: Asked) => unknown[][]) {
  const asked: Asked[] = [];
  const rows = async (statement: string, parameters?: Readonly<Record<string, unknown>>) => {
    asked.push({ statement, parameters });
    return answer({ statement, parameters });
  };
  return { asked, rows };
}

test('what is asked together is one statement, in which each keeps its own values', async () => {
  const { asked, rows } = asking(() => [
    [1, '["b",null]'],
    [0, '[1]'],
    [1, '["c",2]'],
  ]);
  const found = await rowsOfAll(rows, [
    { statement: '-- One?\nSELECT {n:Int64}', parameters: { n: 1 } },
    { statement: '-- Two?\nSELECT {n:String}, {n:String}', parameters: { n: 'b' } },
  ]);
  assert.deepEqual(found, [
    [[1]],
    [
      ['b', null],
      ['c', 2],
    ],
  ]);
  assert.equal(asked.length, 1);
  assert.deepEqual(asked[0]?.parameters, { n_0: 1, n_1: 'b' });
  assert.match(asked[0]?.statement ?? '', /\{n_0:Int64\}[\s\S]*UNION ALL[\s\S]*\{n_1:String\}, \{n_1:String\}/);
});

test('one statement is asked as it is, and of none nothing is asked', async () => {
  const { asked, rows } = asking(() => [[7]]);
  assert.deepEqual(await rowsOfAll(rows, []), []);
  assert.deepEqual(await rowsOfAll(rows, [{ statement: 'SELECT 7', parameters: {} }]), [[[7]]]);
  assert.deepEqual(asked, [{ statement: 'SELECT 7', parameters: {} }]);
});

test('many are asked in several statements, and told in their order', async () => {
  const { asked, rows } = asking(({ parameters }) =>
    Object.values(parameters ?? {}).map((n, place) => [place, JSON.stringify([n])]),
  );
  const asks = Array.from({ length: 40 }, (_, n) => ({ statement: 'SELECT {n:Int64}', parameters: { n } }));
  assert.deepEqual(
    await rowsOfAll(rows, asks),
    asks.map((_, n) => [[n]]),
  );
  assert.equal(asked.length, 3);
});
