import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createWaybill, current, memoryRecorder, type StartedFact } from '../../../src/index.ts';
import { writePayloadField } from '../../../src/layouts/payload-field.ts';
import { stubBoss, stubJob } from './stub.ts';

async function workAs(instance: string) {
  const recorder = memoryRecorder();
  const waybill = createWaybill({ service: 'reports', instance, recorder });
  const { boss, handle } = stubBoss(waybill);
  const messages: unknown[] = [];
  await boss['work']?.('orders', async () => messages.push(current()?.messageId));
  return { recorder, waybill, handle, messages };
}

test('of a thousand ticks each is a message of its own, and two instances agree which', async () => {
  const [a, b] = [await workAs('a'), await workAs('b')];
  const { envelope } = a.waybill.prepare({ system: 'pg_boss', destination: 'orders', scheduleId: 'orders:nightly' });
  for (let count = 0; count < 1000; count++) {
    const id = randomUUID();
    for (const { handle } of [a, b]) await handle([stubJob(id, writePayloadField(envelope, { report: 1 }))]);
  }
  assert.equal(new Set(a.messages).size, 1000);
  assert.deepEqual(b.messages, a.messages);
  const started = a.recorder.facts.filter((fact): fact is StartedFact => fact.kind === 'started');
  assert.equal(started.length, 1000);
  for (const { message_id, correlation_id, causation_id, schedule_id, due_at } of started) {
    assert.deepEqual(
      [correlation_id, causation_id, schedule_id, due_at],
      [message_id, null, 'orders:nightly', undefined],
    );
  }
});
