import assert from 'node:assert/strict';
import { relative } from 'node:path';
import { test } from 'node:test';
import { openClickhouseStore } from '../../../src/store/clickhouse/clickhouse.ts';
import { engineFolder, isEngineInstalled } from '../../clickhouse-engine/engine.ts';
import { sharedEngine } from '../../clickhouse-engine/shared-engine.ts';

const howTo = `npm ci --prefix ${relative(process.cwd(), engineFolder)}`;
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
