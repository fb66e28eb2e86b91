import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Gap } from '../../../src/core/envelope.ts';
import { createRandom } from '../../../src/testing/simulator/random.ts';
import { createSeededIds } from '../../../src/testing/simulator/seeded-ids.ts';
import { type Remains, readWire, stripWire, writeWire } from '../../../src/testing/simulator/wire.ts';
import { anEnvelope } from '../../known-waybill.ts';

const ids = createSeededIds(createRandom(1, 0, 2));
const REMAINS: readonly (readonly [Remains, (gap: Gap) => boolean])[] = [
  ['no_context', (gap) => gap === 'absent'],
  ['unreadable', (gap) => gap === 'unreadable'],
  ['w3c_only', (gap) => typeof gap === 'object' && gap.traceHeaders.traceparent !== undefined],
  ['partial', (gap) => typeof gap === 'object' && gap.correlationId === anEnvelope().correlationId],
];
const LAYOUTS = ['headers', 'payload field', 'record'] as const;

for (const layout of LAYOUTS) {
  test(`an envelope comes out of its ${layout} with the identity and the bindings that went in`, () => {
    const envelope = anEnvelope();
    const read = readWire(writeWire(envelope, layout));
    assert.ok(typeof read === 'object' && 'messageId' in read);
    const { messageId, correlationId, causationId, tenantId, businessKey, bindingsJson } = read;
    assert.deepEqual(
      { messageId, correlationId, causationId, tenantId, businessKey, bindingsJson },
      {
        messageId: envelope.messageId,
        correlationId: envelope.correlationId,
        causationId: envelope.causationId,
        tenantId: envelope.tenantId,
        businessKey: envelope.businessKey,
        bindingsJson: envelope.bindingsJson,
      },
    );
  });

  for (const [remains, isLeft] of REMAINS) {
    test(`of a stripped ${layout} is left what was asked for: ${remains}`, () => {
      const read = readWire(stripWire(writeWire(anEnvelope(), layout), remains, ids));
      assert.ok(typeof read === 'string' || !('messageId' in read));
      assert.ok(isLeft(read), JSON.stringify(read));
    });
  }
}
