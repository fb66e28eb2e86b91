import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TraceState } from '../../src/tracing/trace-state.ts';

test('what is set comes first, once, and the rest stays in its order', () => {
  const state = new TraceState('a=1, b@c=2 ,,ot=rv:1');
  assert.deepEqual([state.get('a'), state.get('b@c'), state.get('ot'), state.get('c')], ['1', '2', 'rv:1', undefined]);
  assert.equal(state.set('ot', 'rv:2').serialize(), 'ot=rv:2,a=1,b@c=2');
  assert.equal(state.unset('b@c').serialize(), 'a=1,ot=rv:1');
});

test('untouched, it goes on byte for byte; an instance never changes', () => {
  const text = ' a=1 ,\tb@c=2,,';
  const state = new TraceState(text);
  state.set('x', '1').unset('a');
  assert.equal(state.serialize(), text);
});
