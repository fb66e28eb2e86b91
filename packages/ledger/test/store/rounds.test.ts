import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { QUESTIONS, WINDOW_QUESTIONS, type WindowQuestion } from '../../src/server/questions.ts';
import { resolveId } from '../../src/server/resolve-id.ts';
import { readInRounds } from '../../src/store/rounds.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import type { FactReader } from '../../src/store/store.ts';
import { capturedAt, WORKFLOW, workflowFacts } from '../workflow.ts';
import { slowReaderOf } from './slow-reader.ts';

const charge = WORKFLOW.selected_message_id;

async function checkout(context: TestContext) {
  const store = openSqliteStore({ path: ':memory:' });
  context.after(() => store.close());
  await store.append(workflowFacts());
  return { store, slow: slowReaderOf(store) };
}

for (const [name, { ask, keyNames }] of Object.entries(QUESTIONS))
  test(`${name} is the same where every look-up takes time`, async (context) => {
    const { store, slow } = await checkout(context);
    for (const id of [charge, 'PWASC1', WORKFLOW.correlation_id]) {
      const question = (reader: FactReader) => ask(reader, resolveId(reader, id, name, keyNames), capturedAt);
      assert.deepEqual(await readInRounds(question, slow), await store.read(question));
    }
  });

for (const [name, { ask }] of Object.entries<WindowQuestion>(WINDOW_QUESTIONS))
  test(`${name} is the same where every look-up takes time`, async (context) => {
    const { store, slow } = await checkout(context);
    const window = { since: capturedAt - 7_200_000, until: capturedAt + 1, tenantId: null };
    const question = (reader: FactReader) => ask(reader, { window, asOf: capturedAt, limit: 20, after: null });
    assert.deepEqual(await readInRounds(question, slow), await store.read(question));
  });

test('all that one run lacks comes with one fetch', async (context) => {
  const { slow } = await checkout(context);
  const ids = WORKFLOW.display_order;
  const facts = await readInRounds((reader) => ids.flatMap((id) => reader.factsOf([id])), slow);
  assert.equal(facts.length, workflowFacts().length);
  assert.deepEqual(slow.fetches, [ids.length]);
});

test('what a question throws is told once it knows all it asked for, and not before', async (context) => {
  const { slow } = await checkout(context);
  const question = (reader: FactReader) => {
    const [match] = reader.find(charge, 1);
    if (match === undefined) throw new Error('nothing is named so');
    return match.message_id;
  };
  assert.equal(await readInRounds(question, slow), charge);
  const unknown = (reader: FactReader) => {
    if (reader.find('unknown', 1).length === 0) throw new Error('nothing is named so');
  };
  await assert.rejects(readInRounds(unknown, slow), /nothing is named so/);
});

test('a fetch that fails fails the question', async (context) => {
  const { slow } = await checkout(context);
  const away = { ...slow, fetch: () => Promise.reject(new Error('away')) };
  await assert.rejects(
    readInRounds((reader) => reader.extent(), away),
    /away/,
  );
});

test('a look-up that a fetch does not bring ends the question, and is not fetched for ever', async (context) => {
  const { slow } = await checkout(context);
  let fetches = 0;
  const forgetful = { ...slow, fetch: async () => void fetches++ };
  await assert.rejects(
    readInRounds((reader) => reader.extent(), forgetful),
    /is not at hand: extent/,
  );
  assert.equal(fetches, 1);
});

test('a question whose every answer raises another ends', async (context) => {
  const { slow } = await checkout(context);
  let count = 0;
  const endless = (reader: FactReader) => reader.dropped(0, count++);
  await assert.rejects(readInRounds(endless, slow), /asked for more after 1100 rounds/);
});
