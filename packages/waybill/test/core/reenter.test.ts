import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { bind, current, logFields } from '../../src/core/scope.ts';
import { anEnvelope, knownWaybill } from '../known-waybill.ts';

const DELIVERY = { system: 'nats', destination: 'exports', envelope: anEnvelope() };

test('an async generator is in its own scope in each step, and its reader in the reader’s', async () => {
  const { waybill, of } = knownWaybill();
  const seen: unknown[] = [];
  const rows = waybill.consume(DELIVERY, async function* () {
    for (const row of [1, 2, 3]) {
      bind({ row });
      await turn();
      seen.push([current()?.messageId, logFields()['row']]);
      yield row;
    }
    return 'end';
  });
  await waybill.ingress({ operation: 'download' }, async () => {
    for await (const row of rows) seen.push([current()?.operation, row]);
  });
  assert.deepEqual(seen, [
    ['msg_9', 1],
    ['download', 1],
    ['msg_9', 2],
    ['download', 2],
    ['msg_9', 3],
    ['download', 3],
  ]);
  const settled = of('settled').filter((fact) => fact.message_id === 'msg_9');
  assert.deepEqual(
    settled.map(({ outcome }) => outcome),
    ['ok'],
  );
});

test('a generator is settled with its last step, not when it is made', () => {
  const { waybill, of } = knownWaybill();
  const steps = waybill.consume(DELIVERY, function* (): Generator<string, number, string> {
    const answer = yield current()?.messageId ?? '';
    return answer.length;
  });
  assert.equal(Symbol.iterator in steps && steps[Symbol.iterator](), steps);
  assert.deepEqual(steps.next('unheard'), { done: false, value: 'msg_9' });
  assert.equal(of('settled').length, 0);
  assert.deepEqual(steps.next('four'), { done: true, value: 4 });
  assert.deepEqual(of('settled')[0]?.outcome, 'ok');
  steps.next('more');
  assert.equal(of('settled').length, 1);
  assert.equal(current(), undefined);
});

test('a generator that throws fails its execution with that very error', async () => {
  const { waybill, of } = knownWaybill();
  const error = new Error('row 2 is broken');
  const rows = waybill.consume(DELIVERY, async function* () {
    yield 1;
    await turn();
    throw error;
  });
  await rows.next();
  await assert.rejects(rows.next(), (thrown) => thrown === error);
  assert.deepEqual([of('settled')[0]?.outcome, of('settled')[0]?.error?.message], ['failed', 'row 2 is broken']);
});

test('a reader that leaves early ends the generator, whose own cleaning up is in its scope', async () => {
  const { waybill, of } = knownWaybill();
  let cleanedUpIn: string | undefined;
  const rows = waybill.consume(DELIVERY, async function* () {
    try {
      yield 1;
      yield 2;
    } finally {
      await turn();
      cleanedUpIn = current()?.messageId;
    }
  });
  for await (const _ of rows) break;
  assert.equal(cleanedUpIn, 'msg_9');
  assert.deepEqual(
    of('settled').map(({ outcome }) => outcome),
    ['ok'],
  );
});

test('an error thrown into a generator reaches it', () => {
  const { waybill, of } = knownWaybill();
  const steps = waybill.consume(DELIVERY, function* () {
    try {
      yield 1;
    } catch (error) {
      yield `${current()?.messageId}: ${(error as Error).message}`;
    }
  });
  steps.next();
  assert.deepEqual(steps.throw(new Error('stop')), { done: false, value: 'msg_9: stop' });
  assert.equal(of('settled').length, 0);
  steps.return();
  assert.equal(of('settled').length, 1);
});
