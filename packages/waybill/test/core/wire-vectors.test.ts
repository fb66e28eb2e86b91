import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Envelope } from '../../src/core/envelope.ts';
import { hashedMessageId, tickId } from '../../src/core/ids.ts';
import { packWaybill } from '../../src/core/pack-waybill.ts';
import { readWaybill } from '../../src/core/read-waybill.ts';

interface Vector {
  readonly name: string;
  readonly waybill: string;
  readonly means: Readonly<Record<string, unknown>>;
}

const vectors = JSON.parse(readFileSync(new URL('../../wire-vectors.json', import.meta.url), 'utf8')) as {
  readonly waybills: readonly Vector[];
  readonly readable: readonly Vector[];
  readonly unreadable: readonly string[];
  readonly message_ids: readonly Readonly<Record<'system' | 'destination' | 'broker_id' | 'message_id', string>>[];
  readonly tick_ids: readonly {
    readonly namespace: string;
    readonly schedule_id: string;
    readonly due_at: number;
    readonly message_id: string;
  }[];
};

function read(waybill: string): Envelope {
  const envelope = readWaybill(waybill, {});
  if (typeof envelope === 'string') assert.fail(`${envelope}: ${waybill}`);
  return envelope;
}

/** An envelope under the wire's own names, as a vector has them. */
function wireOf(envelope: Envelope): Record<string, unknown> {
  const { bindingsJson, hiddenJson, inheritJson, relations } = envelope;
  return {
    message_id: envelope.messageId,
    correlation_id: envelope.correlationId,
    causation_id: envelope.causationId,
    trace_id: envelope.traceId,
    tenant_id: envelope.tenantId,
    operation: envelope.operation,
    event_type: envelope.eventType,
    trace_mode: envelope.traceMode,
    hop: envelope.hop,
    sent_at: envelope.sentAt,
    business_key: envelope.businessKey,
    by_execution_id: envelope.byExecutionId,
    origin_trace_id: envelope.originTraceId,
    trace_reason: envelope.traceReason,
    fanout: relations?.fanout,
    in_reply_to: relations?.inReplyTo,
    replay_of: relations?.replayOf,
    replay: relations?.replay && { actor: relations.replay.actor, plan_id: relations.replay.planId },
    flow: relations?.flow,
    saga_id: relations?.sagaId,
    schedule_id: relations?.scheduleId,
    continued_from: relations?.continuedFrom,
    overflow: envelope.overflow,
    inherit: inheritJson === undefined ? undefined : JSON.parse(inheritJson),
    hidden: hiddenJson === null ? undefined : JSON.parse(hiddenJson),
    bindings: bindingsJson === null ? undefined : JSON.parse(bindingsJson),
  };
}

for (const { name, waybill, means } of [...vectors.waybills, ...vectors.readable]) {
  test(`a reader understands ${name}`, () => {
    const wire = wireOf(read(waybill));
    for (const [key, value] of Object.entries(means)) {
      if (key !== 'v' && key !== 'lane') assert.deepEqual(wire[key], value, key);
    }
  });
}

for (const { name, waybill } of vectors.waybills) {
  test(`a forwarder writes ${name} again, byte for byte`, () => assert.equal(packWaybill(read(waybill)), waybill));
}

test('what lacks an identity is unreadable', () => {
  for (const waybill of vectors.unreadable) assert.equal(readWaybill(waybill, {}), 'unreadable', waybill);
});

test('the id of a message without a waybill is what the specification says', () => {
  const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  for (const { system, destination, broker_id, message_id } of vectors.message_ids) {
    assert.equal(hashedMessageId(system, destination, broker_id), message_id);
    // By the specification alone: 128 bits, five at a time from the right.
    const hex = createHash('sha256').update([system, destination, broker_id].join('\0')).digest('hex').slice(0, 32);
    let bits = BigInt(`0x${hex}`);
    let text = '';
    for (let place = 0; place < 26; place++, bits /= 32n) text = digits[Number(bits % 32n)] + text;
    assert.equal(message_id, `msg_${text}`);
  }
});

test('the id of a tick is what the specification says', () => {
  for (const { namespace, schedule_id, due_at, message_id } of vectors.tick_ids) {
    assert.equal(tickId(namespace, schedule_id, due_at), message_id);
  }
});
