import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { ForeignCarrier } from '../../src/core/dialect.ts';
import type { Envelope } from '../../src/core/envelope.ts';
import { isCarriableId } from '../../src/core/ids.ts';
import { packWaybill } from '../../src/core/pack-waybill.ts';
import { NO_TRACE_HEADERS } from '../../src/core/w3c.ts';
import { anEnvelope, TRACEPARENT } from '../known-waybill.ts';
import { type Seeded, seeded } from '../seeded.ts';
import { FOREIGN_MESSAGES } from './foreign-messages.ts';

const traceHeaders = { traceparent: TRACEPARENT, tracestate: 'a=1', baggage: undefined };

for (const { what, dialect, carrier, idField } of FOREIGN_MESSAGES) {
  const read = (changed: ForeignCarrier) => dialect.read(changed, traceHeaders);

  test(`a message of ${what} keeps its trace, and claims nothing that its sender did not say`, () => {
    const envelope = read(carrier);
    assert.ok(envelope);
    const { traceHeaders: kept, traceMode, traceReason, hop, operation, businessKey, byExecutionId } = envelope;
    assert.equal(kept, traceHeaders);
    assert.deepEqual([traceMode, traceReason, hop], [null, null, 0]);
    assert.deepEqual([operation, businessKey, byExecutionId], [null, null, null]);
    assert.equal(envelope.foreign?.issuer, dialect.name);
    assert.equal(envelope.foreign?.message_id, carrier[idField]);
  });

  test(`a message of ${what} is told from those of all the others`, () => {
    for (const other of FOREIGN_MESSAGES) {
      const isOwn = other.dialect === dialect;
      assert.equal(other.dialect.read(carrier, NO_TRACE_HEADERS) !== null, isOwn, `${other.dialect.name} reads it`);
    }
  });

  test(`without an id a message of ${what} is none`, () => {
    const { [idField]: _, ...rest } = carrier;
    for (const id of [undefined, null, '', 7, {}, [], new Uint8Array()])
      assert.equal(read({ ...rest, [idField]: id }), null);
    assert.equal(read(rest), null);
  });

  test(`an id of ${what} that cannot be carried is its hash, and the fact has the original`, () => {
    for (const id of ['x'.repeat(129), 'Bestellung ü', 'a\nb', 'x'.repeat(8192)]) {
      const envelope = read({ ...carrier, [idField]: id });
      assert.equal(envelope?.messageId, createHash('sha256').update(id).digest('hex'));
      assert.equal(envelope?.foreign?.message_id, id);
    }
    assert.equal(read({ ...carrier, [idField]: 'x'.repeat(8193) }), null);
    assert.equal(read({ ...carrier, [idField]: 'x'.repeat(128) })?.messageId, 'x'.repeat(128));
  });

  test(`a message of ${what} whose client hands out bytes says the same`, () => {
    const bytes = Object.entries(carrier).map(([name, value]) => [
      name,
      typeof value === 'string' ? Buffer.from(value) : value,
    ]);
    assert.deepEqual(read(Object.fromEntries(bytes)), read(carrier));
  });

  test(`what lies beside it, a waybill of ours or a name of the prototype, changes nothing of ${what}`, () => {
    const polluting = JSON.parse(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":7}',
    );
    const waybill = packWaybill(anEnvelope());
    assert.deepEqual(read({ ...polluting, ...carrier, waybill }), read(carrier));
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    assert.equal(read(polluting), null);
    assert.equal(read(Object.create(null)), null);
    assert.deepEqual(read(Object.assign(Object.create(null), carrier)), read(carrier));
  });

  test(`whatever a message of ${what} holds, it is read as an identity that can be carried, or not at all`, () => {
    const chance = seeded(7);
    for (let round = 0; round < 600; round++) {
      const envelope = read(mutated(carrier, chance));
      if (envelope !== null) assertCarriable(envelope);
    }
  });
}

function mutated(carrier: ForeignCarrier, chance: Seeded): ForeignCarrier {
  const changed: Record<string, unknown> = { ...carrier };
  const names = Object.keys(carrier);
  for (let left = 1 + chance.below(4); left > 0; left--) {
    const name = chance.pick(names);
    if (chance.chance(0.2)) delete changed[name];
    else changed[chance.chance(0.1) ? chance.text(20) : name] = anything(chance, changed[name], 0);
  }
  return changed;
}

function anything(chance: Seeded, was: unknown, depth: number): unknown {
  const text = chance.text(chance.pick([3, 40, 200, 9000]));
  const inner = () => (depth > 3 ? text : anything(chance, was, depth + 1));
  return chance.pick([
    () => text,
    () => Buffer.from(text),
    () => Buffer.from([0xff, 0xfe, chance.below(256)]),
    () => null,
    () => undefined,
    () => chance.pick([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e300, 7, true, 10n, Symbol('a'), () => text]),
    () => [inner(), inner()],
    () => ({ [text]: inner(), _aj_serialized: inner(), value: inner() }),
    () => Object.assign(Object.create(null), { 'MT-OriginalMessageId': inner() }),
    () => (typeof was === 'string' ? was.slice(chance.below(was.length + 1)) + text.slice(0, 3) : [[text, was]]),
  ])();
}

/** Written into a header and read again, nothing of it may be lost or throw. */
function assertCarriable(envelope: Envelope): void {
  const { messageId, correlationId, causationId, eventType, tenantId, sentAt, bindingsJson, foreign } = envelope;
  assert.ok(isCarriableId(messageId) && isCarriableId(correlationId));
  assert.ok(causationId === null || isCarriableId(causationId));
  for (const text of [eventType, tenantId]) assert.ok(text === null || (text.length > 0 && text.length <= 128));
  assert.ok(sentAt === null || (Number.isSafeInteger(sentAt) && sentAt > 0));
  if (bindingsJson !== null) assert.equal(typeof JSON.parse(bindingsJson), 'object');
  for (const text of Object.values(foreign ?? {})) assert.ok(text === undefined || text.length <= 8192);
  assert.ok(packWaybill(envelope).length <= 8192);
}
