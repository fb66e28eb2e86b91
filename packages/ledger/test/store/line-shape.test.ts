import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shapeOf } from '../../src/store/line-shape.ts';

const id = 'exe_01KJKFBS7HJQKDN2YCD18DSR3Z';

test('of a line its numbers, its words and the names of its fields are left, and of an own id the kind and some hours', () => {
  const attrs = {
    hop: 3,
    by: 'return',
    outcome: 'ok',
    trace_mode: { mode: 'P', reason: 'command' },
    redelivered: false,
  };
  const line = JSON.stringify([4, -3, 17, 1, 0, null, id, 9, attrs, id]);
  assert.equal(shapeOf(line), `[4,-3,17,1,0,null,"exe_01KJK",9,${JSON.stringify(attrs)},"exe_01KJK"]`);
});

test('nothing that somebody said is left: no text, no binding, no number among bindings', () => {
  const attrs = {
    ...{
      error: { type: 'NameError', message: 'ada' },
      correlations: ['ada'],
      reason: 'ada asked',
      gap: { reason: 'ada' },
    },
    ...{ by: 'ada lovelace, by hand', saga_id: 'ada', dedup_key: '{ada' },
  };
  const bindings = JSON.stringify({
    user: 'ada',
    card: 4711,
    deep: { ada_is: 'ada', all: ['ada', 4711] },
    plain: true,
  });
  const shape = shapeOf(JSON.stringify([1, 0, 1, 0, 0, null, 'ada', 1, attrs, 'ada', 1, bindings]));
  assert.doesNotMatch(shape.replace('ada_is', ''), /ada|4711|NameError/);
  assert.match(
    shape,
    /"{\\"user\\":\\"\\",\\"card\\":0,\\"deep\\":{\\"ada_is\\":\\"\\",\\"all\\":\[]},\\"plain\\":true}"/,
  );
});
