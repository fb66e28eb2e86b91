import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { MessageFact } from 'waybill';
import { type Seeded, seeded } from '../../../waybill/test/seeded.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { sent, settled, started } from './made-facts.ts';
import { temporaryFolder } from './suite.ts';

const everything = { since: 0, until: 1_000_000, tenantId: null };

/** A fact of one of some messages that are under way, which says what others of it said, or something else. */
function someFact(chance: Seeded, at: number): MessageFact {
  const workflow = chance.below(40);
  const message_id = `m${workflow}.${chance.below(5)}`;
  const common = {
    ...{ message_id, correlation_id: `w${workflow}`, at },
    ...{ causation_id: chance.chance(0.5) ? null : `m${workflow}.0`, tenant_id: chance.chance(0.5) ? 'a' : 'b' },
    ...(chance.chance(0.5) && { bindings: `{"of":"${workflow}","é":${chance.below(3)}}` }),
    ...(chance.chance(0.3) && { business_key: `order:${workflow}`, event_type: null }),
    ...(chance.chance(0.3) && { broker_id: `${chance.below(4)}`, subscription: 'late', service: 'other' }),
  };
  const run = { execution_id: `e${chance.below(3)}`, attempt: chance.below(3) };
  if (chance.chance(0.3)) return sent({ ...common, created_at: at - chance.below(50), due_at: at + 0.5 });
  return chance.chance(0.5) ? started({ ...common, ...run, received_at: at }) : settled({ ...common, ...run });
}

test('facts of many messages, in appends of any size, come back as they were recorded, and in the order in which they came', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const chance = seeded(7);
  const facts = Array.from({ length: 4_000 }, (_, at) => someFact(chance, at));
  let store = openSqliteStore({ path });
  context.after(() => store.close());
  for (let done = 0; done < facts.length; ) {
    const together = Array.from({ length: 1 + chance.below(3) }, () => {
      const size = chance.chance(0.5) ? 1 + chance.below(5) : chance.below(700);
      const batch = facts.slice(done, done + size);
      done += size;
      return store.append(batch);
    });
    await Promise.all(together);
    if (!chance.chance(0.2)) continue;
    await store.close();
    store = openSqliteStore({ path });
  }
  const ids = [...new Set(facts.map(({ message_id }) => message_id))];
  assert.deepEqual(await store.read((reader) => reader.factsOf(ids)), facts);
  assert.deepEqual(await store.append(facts), { stored: 0, repeated: facts.length });
  const arrived = await store.read(({ timeline }) => timeline.arrivals(everything, null, facts.length));
  assert.deepEqual(
    arrived.map(({ fact_id }) => fact_id),
    facts.map(({ fact_id }) => fact_id),
  );
  const middle = arrived[1_500]?.key ?? 0;
  const after = await store.read(({ timeline }) => timeline.arrivals({ ...everything, tenantId: 'a' }, middle, 50));
  const own = facts.slice(1_501).filter(({ tenant_id }) => tenant_id === 'a');
  assert.deepEqual(
    after.map(({ fact_id }) => fact_id),
    own.slice(0, 50).map(({ fact_id }) => fact_id),
  );
  await store.upkeep.forget({ tenant: 'a' }, () => {});
  const left = await store.read((reader) => reader.factsOf(ids));
  const others = new Set(left.map(({ fact_id }) => fact_id));
  assert.ok(left.length > 500 && left.length < 3_500);
  assert.deepEqual(
    left,
    facts.filter(({ fact_id }) => others.has(fact_id)),
  );
});

test('a fact that is longer than a block mostly is comes back whole', async (context) => {
  const store = openSqliteStore({ path: join(await temporaryFolder(context), 'ledger.db') });
  context.after(() => store.close());
  const chance = seeded(3);
  const noise = (length: number) => Array.from({ length }, () => chance.below(36).toString(36)).join('');
  const facts = [64, 65, 300].flatMap((kilobytes, n) => [
    sent({ fact_id: `long ${n}`, message_id: 'm', at: n, bindings: `{"much":"${noise(kilobytes * 1_024)}"}` }),
    ...Array.from({ length: 20 }, (_, at) => sent({ fact_id: `${n} ${at}`, message_id: 'm', at: n })),
  ]);
  await store.append(facts);
  assert.deepEqual(await store.read(({ factsOf }) => factsOf(['m'])), facts);
});

test('large facts that are appended one after another do not each write all of those before them', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const store = openSqliteStore({ path });
  context.after(() => store.close());
  const chance = seeded(1);
  const noise = () => Array.from({ length: 20_000 }, () => chance.below(36).toString(36)).join('');
  const written = async (from: number, to: number) => {
    const before = (await store.upkeep.sizes()).walBytes;
    for (let n = from; n < to; n++)
      await store.append([sent({ message_id: `m${n}`, bindings: `{"much":"${noise()}"}` })]);
    return (await store.upkeep.sizes()).walBytes - before;
  };
  const [first, second] = [await written(0, 20), await written(20, 40)];
  assert.ok(second < 1.5 * first, `${first} bytes, then ${second}`);
});
