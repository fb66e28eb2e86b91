import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openClickhouseStore } from '../../../src/store/clickhouse/clickhouse.ts';
import { connect } from '../../../src/store/clickhouse/connection.ts';
import { endingIdsIn, idKey, minuteOf } from '../../../src/store/clickhouse/id-keys.ts';
import { isEngineInstalled } from '../../clickhouse-engine/engine.ts';
import { sharedEngine } from '../../clickhouse-engine/shared-engine.ts';
import { sent } from '../made-facts.ts';

const skip = !isEngineInstalled && 'ClickHouse is not installed';
const id = 'msg_01KJKB3Q0056QWQD6RH4MN1X2J';
const hourMs = 3_600_000;

test('keys of own ids are in the order of their times, and those of one minute lie together', () => {
  const later = 'exe_01KJKB3Q0156QWQD6RH4MN1X2J';
  assert.ok(idKey(id) < idKey(later));
  assert.equal(minuteOf(id), Math.floor(1_772_323_200_000 / 60_000));
  assert.ok(idKey('msg_7ZZZZZZZZZZZZZZZZZZZZZZZZZ') < 2n ** 64n);
  assert.ok(idKey('ORD-1') < 2n ** 64n);
});

test('what a person types the ending of are own ids of messages, executions and workflows', () => {
  assert.deepEqual(endingIdsIn(sent({ message_id: id, correlation_id: 'order 7' })), [id]);
});

test('endings go once no fact is left of the time in which they came, and others stay', { skip }, async () => {
  const url = await (await sharedEngine()).database('endings');
  const store = await openClickhouseStore({ url, everyMs: 0 });
  const connection = await connect(url);
  await store.append([sent({ message_id: id, correlation_id: id })]);
  await connection.insert('endings', [[5, 7, '2020-01-01']]);
  const age = { quietBefore: -hourMs, openBefore: -hourMs };
  assert.equal((await store.upkeep.prune(0, age)).last, null);
  const minutes = await connection.rows('SELECT DISTINCT minute FROM endings');
  assert.deepEqual(minutes, [[minuteOf(id)]]);
  const [match] = await store.read((reader) => reader.find('4MN1X2J', 5));
  assert.equal(match?.message_id, id);
  await connection.close();
  await store.close();
});
