import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChronicle } from '../../../src/testing/simulator/chronicle.ts';
import { createGate, type Gate } from '../../../src/testing/simulator/gate.ts';
import { createWorld } from '../../../src/testing/simulator/world.ts';

function endAll(gate: Gate, ids: readonly string[]): number {
  const world = createWorld(1, 0, {});
  const [host] = world.hostsOf('renderer');
  const chronicle = createChronicle();
  for (const id of ids) gate.ended(chronicle.add({ id }), host);
  return host.now();
}

test('a parent is let go by the last of its children, and knows which that was', () => {
  const gate = createGate(2);
  const releasedBy: (string | null)[] = [];
  gate.hold((child) => releasedBy.push(child));
  endAll(gate, ['msg_1']);
  assert.deepEqual(releasedBy, []);
  assert.equal(gate.wait.until(), null);
  const at = endAll(gate, ['msg_2']);
  assert.deepEqual(releasedBy, ['msg_2']);
  assert.equal(gate.wait.until(), at);
});

test('a parent whose children have ended already is not held', () => {
  const gate = createGate(1);
  endAll(gate, ['msg_1']);
  const releasedBy: (string | null)[] = [];
  gate.hold((child) => releasedBy.push(child));
  assert.deepEqual(releasedBy, ['msg_1']);
});
