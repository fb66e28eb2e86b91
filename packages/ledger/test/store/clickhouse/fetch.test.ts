import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask as search } from '../../../src/questions/search/ask.ts';
import { termsOf } from '../../../src/questions/search/terms.ts';
import { QUESTIONS, WINDOW_QUESTIONS } from '../../../src/server/questions.ts';
import { resolveId } from '../../../src/server/resolve-id.ts';
import { openClickhouseStore } from '../../../src/store/clickhouse/clickhouse.ts';
import { type Connection, connect } from '../../../src/store/clickhouse/connection.ts';
import { fetchInto } from '../../../src/store/clickhouse/fetch.ts';
import { Hand } from '../../../src/store/clickhouse/hand.ts';
import { lookUpsOver } from '../../../src/store/clickhouse/look-ups.ts';
import type { Want } from '../../../src/store/clickhouse/wants.ts';
import { readInRounds } from '../../../src/store/rounds.ts';
import type { FactReader } from '../../../src/store/store.ts';
import { isEngineInstalled } from '../../clickhouse-engine/engine.ts';
import { sharedEngine } from '../../clickhouse-engine/shared-engine.ts';
import { capturedAt, WORKFLOW, workflowFacts } from '../../workflow.ts';

const skip = !isEngineInstalled && 'ClickHouse is not installed';
const charge = WORKFLOW.selected_message_id;

/** Answers a question over the checkout, and tells what ClickHouse was asked in each of its rounds. */
async function roundsOf(question: (reader: FactReader) => unknown): Promise<string[][]> {
  const url = await (await sharedEngine()).database('rounds');
  const store = await openClickhouseStore({ url, everyMs: 0 });
  await store.append(workflowFacts());
  const connection = await connect(url);
  const rounds: string[][] = [];
  const rows: Connection['rows'] = (statement, parameters) => {
    rounds.at(-1)?.push(...[...statement.matchAll(/^-- (.*)$/gm)].map(([, asks = '']) => asks));
    return connection.rows(statement, parameters);
  };
  const hand = new Hand();
  await readInRounds(question, {
    reader: (want: (key: string, wanted: Want) => void) => lookUpsOver(hand, want),
    fetch(wants: readonly Want[]) {
      rounds.push([]);
      return fetchInto(hand, { ...connection, rows }, wants);
    },
  });
  await connection.close();
  await store.close();
  return rounds;
}

const NAMED = 'What happened in the workflows that name such an id? Of a large one only that it is large.';
const ENDING =
  'What happened in the workflows in which an own id ends like this? Of a large one only that it is large.';

test('an id that names something is looked for, and nothing else is asked meanwhile', { skip }, async () => {
  const { ask, keyNames } = QUESTIONS.why;
  const [first, ...others] = await roundsOf((reader) =>
    ask(reader, resolveId(reader, charge, 'why', keyNames), capturedAt),
  );
  assert.deepEqual(first, [NAMED]);
  assert.ok(others.flat().every((asks) => !asks.includes('ends like this') && !asks.startsWith('How much is there')));
});

test('an ending that somebody typed comes with its workflow, after it named nothing as it is', { skip }, async () => {
  const [first, second] = await roundsOf((reader) => reader.find(charge.slice(-6), 5));
  assert.deepEqual([first, second], [[NAMED], [ENDING]]);
});

test('where it was looked for is asked only for an id that names nothing', { skip }, async () => {
  const rounds = await roundsOf((reader) => {
    assert.throws(() => resolveId(reader, 'msg_7ZZZZZZZZZZZZZZZZZZZZZZZZZ', 'why', 'messages'), { code: 'ID_UNKNOWN' });
  });
  assert.deepEqual(rounds[0], [NAMED]);
  assert.ok(rounds.flat().some((asks) => asks.startsWith('How much is there?')));
});

test('what looks like a word is asked only where a search has found nothing', { skip }, async () => {
  const window = { since: capturedAt - 7_200_000, until: capturedAt + 1, tenantId: null };
  const roundsFor = async (text: string) => {
    const asked = { text, terms: termsOf(text), window, asOf: capturedAt, limit: 20, after: null };
    const asking = (await roundsOf((reader) => search(reader, asked))).flat();
    return asking.filter((asks) => asks === 'In which workflows does an own id end like this?').length;
  };
  assert.equal(await roundsFor('checkout'), 0);
  assert.equal(await roundsFor('checkdown'), 1);
});

test('what is said of destinations comes with the messages of a time, and not after them', { skip }, async () => {
  const window = { since: capturedAt - 7_200_000, until: capturedAt + 1, tenantId: null };
  const asked = { window, asOf: capturedAt, limit: 20, after: null };
  const rounds = await roundsOf((reader) => WINDOW_QUESTIONS.failures.ask(reader, asked));
  const asking = rounds.findIndex((round) => round.includes('What is said of each destination beside facts?'));
  assert.equal(asking, 0);
});

test('of the messages whose facts came last nothing is asked but themselves', { skip }, async () => {
  const window = { since: capturedAt - 7_200_000, until: capturedAt + 1, tenantId: null };
  const asked = { window, asOf: capturedAt, limit: 20, after: null };
  const [first, ...others] = await roundsOf((reader) => WINDOW_QUESTIONS.tail.ask(reader, asked));
  assert.ok(first?.includes('Which facts of this time came last? The last of them first.'), String(first));
  assert.deepEqual(others, [['What happened to these messages?']]);
});
