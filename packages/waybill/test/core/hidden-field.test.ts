import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { hiddenField } from '../../src/core/hidden-field.ts';

test('a field is on the object that it was set on, and on no other', () => {
  const [owners, counts] = [hiddenField<string>(), hiddenField<number>()];
  const [one, other] = [{ id: 1 }, { id: 2 }];
  owners.set(one, 'first');
  counts.set(one, 7);
  owners.set(one, 'second');
  assert.deepEqual([owners.of(one), counts.of(one), owners.of(other)], ['second', 7, undefined]);
});

test('nobody else sees it', () => {
  const field = hiddenField<string>();
  const owner = { id: 1 };
  field.set(owner, 'hidden');
  assert.deepEqual([owner, { ...owner }, Reflect.ownKeys(owner)], [{ id: 1 }, { id: 1 }, ['id']]);
  assert.equal(inspect(owner, { showHidden: true }), '{ id: 1 }');
});

test('an object that was frozen since keeps it, one that was frozen before has none, and neither throws', () => {
  const field = hiddenField<string | null>();
  const [since, before] = [{}, Object.freeze({})];
  field.set(since, 'held');
  Object.freeze(since);
  field.set(since, null);
  field.set(before, 'held');
  assert.deepEqual([field.of(since), field.of(before)], [null, undefined]);
});
