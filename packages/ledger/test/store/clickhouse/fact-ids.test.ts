import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinedId, splitId } from '../../../src/store/clickhouse/fact-ids.ts';

const whole = (id: string) => {
  const { rest, ms } = splitId(id);
  return joinedId(rest, ms);
};

test('an own id is kept by what is random in it and by its time, and told whole', () => {
  const id = 'fct_01KJKB3Q0056QWQD6RH4MN1X2J';
  assert.deepEqual(splitId(id), { rest: '56QWQD6RH4MN1X2J', ms: 1_772_323_200_000 });
  assert.equal(whole(id), id);
});

test('every id is told as it was recorded, whatever it looks like', () => {
  for (const id of [
    ...['', '=', '56QWQD6RH4MN1X2J', '=56QWQD6RH4MN1X2J', 'fct_', 'fct_01kjkb3q0056qwqd6rh4mn1x2j'],
    ...['msg_01KJKB3Q0056QWQD6RH4MN1X2J', 'fct_81KJKB3Q0056QWQD6RH4MN1X2J', 'fct_0000000000QWQD6RH4MN1X2J00'],
    ...['fct_00000000000000000000000000', 'fct_7ZZZZZZZZZZZZZZZZZZZZZZZZZ'],
  ])
    assert.equal(whole(id), id);
});

test('ids that differ are split into what differs', () => {
  const one = splitId('fct_01KJKB3Q0056QWQD6RH4MN1X2J');
  const later = splitId('fct_01KJKB3Q0156QWQD6RH4MN1X2J');
  assert.equal(one.rest, later.rest);
  assert.notEqual(one.ms, later.ms);
});
