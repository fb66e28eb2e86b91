import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fate, planFate, type Temper } from '../../../src/testing/simulator/fate.ts';
import { type Ability, TRANSPORTS } from '../../../src/testing/simulator/transports.ts';
import { createWorld } from '../../../src/testing/simulator/world.ts';

/** Many fates, on every transport that there is. */
function* fates(temper: Temper): Generator<{ readonly system: string; readonly fate: Fate }> {
  for (let index = 0; index < 60; index++) {
    const world = createWorld(1, index, {});
    for (const on of Object.keys(TRANSPORTS) as Ability[]) {
      // sound: its keys are its abilities
      const destination = world.destination(on, { on });
      const [subscription] = destination.subscriptions;
      const { system } = destination.transport;
      for (let count = 0; count < 10; count++)
        yield { system, fate: planFate(world.story, destination, subscription, temper) };
    }
  }
}

const outcomesOf = ({ turns }: Fate) => turns.map(({ outcome }) => outcome);

test('where nothing may go wrong nothing does', () => {
  for (const { fate } of fates('steady')) assert.deepEqual([outcomesOf(fate), fate.aftermath], [['ok'], 'nothing']);
});

test('where it must end well it does, on the first attempt or a later one', () => {
  for (const { fate } of fates('sound')) assert.equal(outcomesOf(fate).at(-1), 'ok');
});

test('what is poisoned dies, of one trouble', () => {
  for (const { fate } of fates('poisoned')) {
    assert.equal(outcomesOf(fate).at(-1), 'dead');
    assert.equal(new Set(fate.turns.map(({ trouble }) => trouble?.name)).size, 1);
  }
});

test('a transport does only what it can', () => {
  const cannot: Readonly<Record<string, readonly string[]>> = {
    kafka: ['retry', 'released', 'abandon'],
    rabbitmq: ['failed', 'abandon'],
    pg_boss: ['failed', 'released'],
    graphile_worker: ['failed', 'released', 'abandon'],
  };
  for (const { system, fate } of fates('ordinary')) {
    for (const outcome of outcomesOf(fate)) assert.ok(!cannot[system]?.includes(outcome), `${system} ${outcome}`);
    if (system === 'kafka' || system === 'rabbitmq') assert.ok(fate.turns.every(({ backoffMs }) => backoffMs === null));
  }
});

test('a crash is always followed by another execution', () => {
  for (const { fate } of fates('ordinary')) assert.notEqual(outcomesOf(fate).at(-1), 'crash');
});
