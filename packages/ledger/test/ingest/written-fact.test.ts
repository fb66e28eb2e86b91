import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DroppedFact } from 'waybill';
import { readWrittenFact, writtenFact } from '../../src/ingest/written-fact.ts';
import { sent, started } from '../store/made-facts.ts';
import { WORKFLOW, workflowFacts } from '../workflow.ts';

const throughText = (fact: Parameters<typeof writtenFact>[0]) =>
  readWrittenFact(JSON.parse(JSON.stringify(writtenFact(fact))));

test('a fact that was written is read again as it was, of whatever kind', () => {
  const dropped: DroppedFact = {
    kind: 'dropped',
    fact_id: 'fct_1',
    at: 2_000,
    since: 1_000,
    count: 3,
    service: 'shop',
    instance: '',
    version: '1',
    why: 'full',
  };
  const facts = [...workflowFacts(), sent({ bindings: '{"a":1.0}', due_at: 5_000, version: '2' }), dropped];
  for (const fact of facts) assert.deepEqual(throughText(fact), { fact });
});

test('people read when it was, also where an instant is not called "at"', () => {
  const { at, received_at, lease_until, attempt } = writtenFact(started({ at: 0, lease_until: 60_000 }));
  assert.deepEqual(
    [at, received_at, lease_until, attempt],
    ['1970-01-01T00:00:00.000Z', '1970-01-01T00:00:01.000Z', '1970-01-01T00:01:00.000Z', 1],
  );
});

test('the facts of a document that people wrote are read', () => {
  for (const written of WORKFLOW.facts) {
    const reading = readWrittenFact(written);
    assert.ok('fact' in reading, 'rejected' in reading ? reading.rejected : '');
  }
});

for (const [what, value, reason] of [
  ['a number', 1, 'it is no object'],
  ['an object of no service', { ...sent(), service: undefined }, 'service or instance is no text'],
  ['a kind that is not known', { ...sent(), kind: 'seen' }, 'its kind is not known'],
  ['a time that is none', { ...sent(), at: 'noon' }, 'timeUnixNano is no time'],
  ['a field of another type', { ...sent(), operation: 1 }, 'waybill.operation is not a string'],
  ['a list of numbers', { ...sent(), correlations: [1] }, 'waybill.correlations is not a list of strings'],
  ['half an object', { ...sent(), fanout: { id: 'f' } }, 'waybill.fanout.index is missing'],
  ['no id', { ...sent(), fact_id: undefined }, 'waybill.fact_id is missing'],
] as const)
  test(`${what} is no fact, and the reason is told`, () => {
    assert.deepEqual(readWrittenFact(value), { rejected: reason });
  });
