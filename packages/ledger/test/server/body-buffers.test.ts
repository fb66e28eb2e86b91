import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageFact } from 'waybill';
import { openBodyBuffers } from '../../src/server/body-buffers.ts';
import { bodyOfFacts } from '../ingest/otlp-body.ts';
import { sent } from '../store/made-facts.ts';
import { runLedger } from './running-ledger.ts';

const mebibyte = 1024 * 1024;
const told = (facts: readonly MessageFact[]) => facts.map(({ message_id, bindings }) => [message_id, bindings]).sort();

test('what was given back is taken again by who needs about as much, and never twice at a time', () => {
  const buffers = openBodyBuffers();
  const first = buffers.take(100_000);
  assert.notEqual(buffers.take(100_000), first);
  buffers.giveBack(first);
  assert.notEqual(buffers.take(200_000), first);
  assert.equal(buffers.take(70_000), first);
  assert.notEqual(buffers.take(70_000), first);
});

test('no more is kept than a few exporters need', () => {
  const buffers = openBodyBuffers();
  const taken = Array.from({ length: 20 }, () => buffers.take(mebibyte));
  for (const buffer of taken) buffers.giveBack(buffer);
  const again = new Set(Array.from({ length: 20 }, () => buffers.take(mebibyte)));
  assert.equal(taken.filter((buffer) => again.has(buffer)).length, 8);
  const large = buffers.take(8 * mebibyte);
  const small = buffers.take(mebibyte);
  for (const buffer of [small, large]) buffers.giveBack(buffer);
  assert.notEqual(buffers.take(8 * mebibyte), large);
  assert.equal(buffers.take(mebibyte), small);
});

test('bodies that come at once, in pieces or after another that was longer, do not mix', async (context) => {
  const ledger = await runLedger(context);
  const factsOf = (round: number, sender: number) =>
    Array.from({ length: 1 + ((round + sender) % 4) * 60 }, (_, n) =>
      sent({ message_id: `${round}.${sender}.${n}`, bindings: JSON.stringify({ sender, of: 'x'.repeat(200) }) }),
    );
  for (let round = 0; round < 6; round++) {
    const senders = Array.from({ length: 6 }, (_, sender) => sender);
    await Promise.all(
      senders.map(async (sender) => {
        // Chunked, it says nothing of its length.
        const headers = sender % 2 === 0 ? {} : { 'transfer-encoding': 'chunked' };
        assert.equal((await ledger.post(bodyOfFacts(factsOf(round, sender)), headers)).status, 200);
      }),
    );
    for (const sender of senders) {
      const facts = factsOf(round, sender);
      const kept = await ledger.store.read((reader) => reader.factsOf(facts.map(({ message_id }) => message_id)));
      assert.deepEqual(told(kept), told(facts));
    }
  }
});
