import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../../src/testing/simulator/random.ts';
import { createTimeline } from '../../../src/testing/simulator/timeline.ts';

test('things happen in the order of their instants, and those of one instant as they were planned', () => {
  const timeline = createTimeline(1_000);
  const random = createRandom(1, 0, 1);
  const happened: { readonly at: number; readonly order: number }[] = [];
  for (let order = 0; order < 500; order++) {
    timeline.after(random.below(100), () => happened.push({ at: timeline.now, order }));
  }
  timeline.run();
  assert.equal(happened.length, 500);
  const sorted = happened.toSorted((one, other) => one.at - other.at || one.order - other.order);
  assert.deepEqual(happened, sorted);
});

test('what is planned while something happens counts from that instant', () => {
  const timeline = createTimeline(1_000);
  const happened: number[] = [];
  timeline.after(10, () => timeline.after(5, () => happened.push(timeline.now)));
  timeline.after(12, () => happened.push(timeline.now));
  timeline.run();
  assert.deepEqual(happened, [1_012, 1_015]);
});

test('time goes on where it stood, when more is planned after all is over', () => {
  const timeline = createTimeline(0);
  timeline.after(7, () => {});
  timeline.run();
  timeline.after(1, () => {});
  timeline.run();
  assert.equal(timeline.now, 8);
});
