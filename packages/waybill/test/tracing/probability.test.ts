import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomValueOf, thresholdOf, withProbability } from '../../src/tracing/probability.ts';
import { TraceState } from '../../src/tracing/trace-state.ts';

test('a threshold rejects the share that is not sampled', () => {
  assert.equal(thresholdOf(1), '00000000000000');
  assert.equal(thresholdOf(0.5), '80000000000000');
  assert.equal(thresholdOf(0.25), 'c0000000000000');
  assert.equal(thresholdOf(0.01), 'fd70a3d70a3d70');
  assert.ok(thresholdOf(0) > 'ffffffffffffff');
});

test('the state says the threshold without its zeros, and the value in full', () => {
  assert.equal(withProbability('00000000000001', '80000000000000').serialize(), 'ot=th:8;rv:00000000000001');
  assert.equal(withProbability('ffffffffffffff', thresholdOf(1)).serialize(), 'ot=th:0;rv:ffffffffffffff');
  assert.equal(withProbability('00000000000001', undefined).serialize(), 'ot=rv:00000000000001');
});

test('a value is read where it stands whole, and else there is none', () => {
  const valueIn = (text: string) => randomValueOf(new TraceState(text));
  assert.equal(valueIn('a=1,ot=th:8;rv:0123456789abcd;x:1'), '0123456789abcd');
  assert.equal(valueIn('ot=rv:0123456789abcd'), '0123456789abcd');
  for (const text of [
    '',
    'ot=th:8',
    'ot=rv:0123456789abc',
    'ot=rv:0123456789ABCD',
    'ot=xrv:0123456789abcd',
    'o=rv:0123456789abcd',
  ]) {
    assert.equal(valueIn(text), undefined, text);
  }
  assert.equal(randomValueOf(undefined), undefined);
});
