import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { test } from 'node:test';
import { openClickhouseStore } from '../../../src/store/clickhouse/clickhouse.ts';
import { connect } from '../../../src/store/clickhouse/connection.ts';
import { schemaOf } from '../../../src/store/clickhouse/schema.ts';
import { engineFolder, isEngineInstalled } from '../../clickhouse-engine/engine.ts';
import { sharedEngine } from '../../clickhouse-engine/shared-engine.ts';

const howTo = `npm install --prefix ${relative(process.cwd(), engineFolder)}`;
// Said once, and to whoever reads a log as well: a run without it looks just as green.
if (!isEngineInstalled) console.error(`SKIPPED: nothing is tested on ClickHouse, which is not installed: ${howTo}`);

test('the tests of every store run on ClickHouse itself', { skip: !isEngineInstalled && howTo }, async () => {
  const url = await (await sharedEngine()).database('first');
  for (const expected of [0, 1]) {
    const store = await openClickhouseStore({ url, everyMs: 0 });
    assert.equal((await store.read((reader) => reader.extent())).facts, expected);
    await store.append([
      { kind: 'dropped', fact_id: 'd', at: 1, since: 1, count: 1, service: 's', instance: 'i', why: 'full' },
    ]);
    await store.close();
  }
});

test('the tables of a cluster are statements that ClickHouse reads', {
  skip: !isEngineInstalled && howTo,
}, async () => {
  const connection = await connect(await (await sharedEngine()).database('read'));
  const tier = { afterDays: 7, volume: 'cold', policy: 'tiered' };
  const statements = schemaOf({ cluster: 'main', keepDays: 90, tier });
  assert.ok(statements.length > 10);
  for (const statement of statements) {
    const [[formatted] = []] = await connection.rows('SELECT formatQuery({statement:String})', { statement });
    assert.match(String(formatted), /^(CREATE TABLE|INSERT INTO)/, statement);
  }
  for (const statement of schemaOf({ cluster: null, keepDays: 90 })) await connection.run(statement);
  await connection.close();
});
