import assert from 'node:assert/strict';
import type { FactReader } from '../../src/store/store.ts';
import { sent, settled, started } from './made-facts.ts';
import { onEveryStore } from './suite.ts';

const many = Array.from({ length: 30 }, (_, n) => n);

/** Each in a workflow of its own, after a cause that was sent in another one, and before an effect that ran in a third. */
const facts = many.flatMap((n) => {
  const own = { correlation_id: `own-${n}` };
  return [
    sent({ message_id: `cause-${n}`, correlation_id: `before-${n}`, at: 1_000 }),
    started({ message_id: `cause-${n}`, ...own, at: 2_000 }),
    sent({ message_id: `message-${n}`, causation_id: `cause-${n}`, ...own, at: 3_000 }),
    sent({ message_id: `effect-${n}`, causation_id: `message-${n}`, ...own, at: 4_000 }),
    settled({ message_id: `effect-${n}`, correlation_id: `after-${n}`, causation_id: `message-${n}`, at: 5_000 }),
    sent({ message_id: `elsewhere-${n}`, causation_id: `message-${n}`, correlation_id: `other-${n}`, at: 6_000 }),
  ];
});

/** As a question about a stretch of time asks: of a list, of what led to each, and of what each caused. */
function surroundings(reader: FactReader) {
  const ids = many.map((n) => `message-${n}`);
  const own = reader.factsOf(ids);
  const causes = own.flatMap(({ causation_id }) => causation_id ?? []);
  const effects = ids.flatMap((id) => reader.effects(id, 10));
  return { own, causes: reader.factsOf(causes), effects, ofEffects: reader.factsOf(effects) };
}

onEveryStore(
  'many messages are told with all that led to them and followed, in whatever workflows it lies',
  async (store) => {
    await store.append(facts);
    const { own, causes, effects, ofEffects } = await store.read(surroundings);
    assert.equal(own.length, many.length);
    assert.deepEqual(causes.map(({ at }) => at).sort(), many.flatMap(() => [1_000, 2_000]).sort());
    assert.deepEqual(
      effects,
      many.flatMap((n) => [`effect-${n}`, `elsewhere-${n}`]),
    );
    assert.equal(ofEffects.length, 3 * many.length);
  },
);
