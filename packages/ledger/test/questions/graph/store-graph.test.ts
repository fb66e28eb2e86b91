import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageFact } from 'waybill';
import type { Graph } from '../../../src/questions/graph/graph.ts';
import { reconstruct } from '../../../src/questions/graph/reconstruct.ts';
import { storeGraph } from '../../../src/questions/graph/store-graph.ts';
import { why } from '../../../src/questions/why/chain.ts';
import { capturedAt, destinations, WORKFLOW, workflowFacts } from '../../workflow.ts';
import { sent, settled, started } from '../fact-makers.ts';
import { readerOf } from '../reader-of.ts';

/** What a graph says of a message, but for what only all facts together show. */
function told(graph: Graph, id: string) {
  const message = graph.message(id);
  return [
    message?.cause,
    message?.subscriptions.map(({ destination, state, evidence, segments }) => ({
      destination,
      state,
      evidence,
      segments,
    })),
    graph.effectsOf(id),
    why(graph, id),
  ];
}

test('of the checkout a store says the same as all facts in memory', async () => {
  const facts = workflowFacts();
  const options = { asOf: capturedAt, destinations: destinations() };
  const [inMemory, overStore] = [reconstruct(facts, options), storeGraph(await readerOf(facts), options)];
  for (const id of WORKFLOW.display_order) assert.deepEqual(told(overStore, id), told(inMemory, id), id);
});

const batch = (index: number) => ({ execution_id: 'exe_b', batch: { id: 'bat_1', index, count: 2 } });
const fanIn: MessageFact[] = [
  started('req_1', 1, 0, { correlation_id: 'req_1', destination: 'api' }),
  ...['msg_1', 'msg_2'].flatMap((id, index) => [
    sent(id, 10, { correlation_id: 'req_1', causation_id: 'req_1' }),
    started(id, 1, 50, { ...batch(index), correlation_id: 'req_1', causation_id: 'req_1' }),
    settled(id, 1, 90, 'ok', { execution_id: 'exe_b', correlation_id: 'req_1', causation_id: 'req_1' }),
  ]),
  sent('msg_e', 80, { correlation_id: 'req_1', causation_id: 'bat_1', by_execution_id: 'exe_b' }),
];

test('over a store a chain goes through a batch, and on with its first message', async () => {
  const chain = why(storeGraph(await readerOf(fanIn), { asOf: 1_000 }), 'msg_e');
  assert.deepEqual(
    chain?.causes.map(({ kind, message_id, items, evidence }) => [kind, message_id, items, evidence]),
    [
      ['ingress', 'req_1', [], 'observed'],
      ['message', 'msg_1', [], 'observed'],
      ['batch', 'bat_1', ['msg_1', 'msg_2'], 'observed'],
      ['message', 'msg_e', [], 'observed'],
    ],
  );
  assert.equal(chain?.end, null);
});

test('over a store the messages of a batch are known by their execution where their starts are missing', async () => {
  const facts = fanIn.filter(({ kind, message_id }) => kind !== 'started' || message_id === 'req_1');
  const cause = storeGraph(await readerOf(facts), { asOf: 1_000 }).message('msg_e')?.cause;
  assert.deepEqual([cause?.messageIds, cause?.evidence], [['msg_1', 'msg_2'], 'observed']);
});

test('a message that nobody asks for is not read', async () => {
  const reader = await readerOf(fanIn);
  const read: string[] = [];
  const counting = {
    ...reader,
    factsOf(ids: readonly string[]) {
      read.push(...ids);
      return reader.factsOf(ids);
    },
  };
  why(storeGraph(counting, { asOf: 1_000 }), 'msg_1');
  assert.deepEqual(new Set(read), new Set(['msg_1', 'req_1']));
});
