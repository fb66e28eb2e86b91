import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Fact, Recorder } from '../../src/core/facts.ts';
import type { MintId } from '../../src/core/ids.ts';
import { packWaybill } from '../../src/core/pack-waybill.ts';
import { readWaybill } from '../../src/core/read-waybill.ts';
import { current } from '../../src/core/scope.ts';
import { createWaybill, type WaybillOptions } from '../../src/core/waybill.ts';
import { anEnvelope, knownWaybill, NOW, TRACE_ID } from '../known-waybill.ts';

const SEND = { system: 'nats', destination: 'mails' };
const DELIVERY = { system: 'nats', destination: 'orders', envelope: anEnvelope() };
const ID = /^(req|msg|bat|exe|fct|fan)_[0-9A-HJKMNP-TV-Z]{26}$/;

/** The warnings that Waybill gives while the work runs: they come one turn later. */
async function warningsOf(work: () => unknown): Promise<string[]> {
  const warnings: string[] = [];
  const listen = (warning: Error) => {
    if (warning.name === 'WaybillWarning') warnings.push(warning.message);
  };
  process.on('warning', listen);
  await work();
  await turn();
  process.off('warning', listen);
  return warnings;
}

const broken = (): never => {
  throw new Error('out of order');
};
const rejecting: Recorder = { record: async () => broken() };

const FAULTS: [what: string, options: Partial<WaybillOptions>][] = [
  ['a recorder that throws', { recorder: { record: broken } }],
  ['a recorder that rejects', { recorder: rejecting }],
  ['a clock that throws', { clock: broken }],
  ['an id maker that throws', { mintId: broken, mintTraceId: broken }],
  ['all of them at once', { recorder: { record: broken }, clock: broken, mintId: broken, mintTraceId: broken }],
];

for (const [what, options] of FAULTS) {
  test(`${what} changes no result and no error, and is told once a minute`, async () => {
    const waybill = createWaybill({ service: 'checkout', recorder: { record: () => {} }, ...options });
    const error = new Error('the job’s own');
    const failing = () => {
      throw error;
    };
    const warnings = await warningsOf(async () => {
      for (let round = 0; round < 50; round++) {
        assert.equal(
          waybill.consume(DELIVERY, ({ context }) => context.correlationId),
          'req_7',
        );
        assert.throws(
          () => waybill.consume(DELIVERY, failing),
          (thrown) => thrown === error,
        );
        await assert.rejects(
          waybill.consume(DELIVERY, async () => failing()),
          (thrown) => thrown === error,
        );
        assert.match(
          waybill.produce(SEND, ({ messageId }) => messageId),
          ID,
        );
        assert.throws(
          () => waybill.produce(SEND, failing),
          (thrown) => thrown === error,
        );
        assert.equal(
          waybill.produceAll([SEND, SEND], (envelopes) => envelopes.length),
          2,
        );
        assert.equal(await waybill.ingress({ operation: 'pay' }, async () => 7), 7);
        assert.equal(
          waybill.openBatch([DELIVERY, DELIVERY]).batch.run(() => 8),
          8,
        );
        assert.equal(current(), undefined);
      }
      await turn();
    });
    assert.equal(warnings.length, 1, warnings.join('\n'));
    assert.match(warnings[0] ?? '', /given to Waybill failed once so far: Error: out of order/);
  });
}

test('a clock that gives no time is stood in for, so that what is sent can be read', () => {
  const clocks = [Number.NaN, -1, 1e300, Number.POSITIVE_INFINITY, undefined, 'noon', null, 5n, {}];
  for (const said of clocks) {
    const { waybill, facts } = knownWaybill({ clock: () => said as number });
    const before = Date.now();
    const envelope = readWaybill(
      waybill.produce(SEND, (sent) => packWaybill(sent)),
      {},
    );
    assert.ok(typeof envelope === 'object', String(said));
    assert.ok((envelope.sentAt ?? 0) >= before);
    for (const { at } of facts) assert.ok(at >= before && at <= Date.now());
  }
});

test('a clock that counts fractions of a millisecond is cut to whole ones', () => {
  const { waybill, of } = knownWaybill({ clock: () => NOW + 0.75 });
  assert.equal(
    waybill.produce(SEND, ({ sentAt }) => sentAt),
    NOW,
  );
  assert.equal(of('sent')[0]?.at, NOW);
});

test('an id maker that gives no id is stood in for', () => {
  for (const said of ['', 'x'.repeat(129), 'é', 7, undefined, null]) {
    const waybill = createWaybill({ service: 'checkout', mintId: (() => said) as unknown as MintId });
    assert.match(
      waybill.produce(SEND, ({ messageId }) => messageId),
      ID,
    );
  }
  const waybill = createWaybill({ service: 'checkout', mintTraceId: () => '0'.repeat(32) });
  assert.match(waybill.produce(SEND, ({ traceId }) => traceId) ?? '', /^(?!0{32})[0-9a-f]{32}$/);
});

test('ids and traces are those of the makers that were given', () => {
  const waybill = createWaybill({
    service: 'checkout',
    mintId: (prefix, at) => `${prefix}_${at}`,
    mintTraceId: () => TRACE_ID,
    clock: () => 5,
  });
  const { messageId, traceId } = waybill.produce(SEND, (envelope) => envelope);
  assert.deepEqual([messageId, traceId], ['msg_5', TRACE_ID]);
  assert.equal(waybill.ingress({ operation: 'pay' }).context.traceId, TRACE_ID);
});

test('without a recorder identity is carried all the same', () => {
  const waybill = createWaybill({ service: 'checkout' });
  const envelope = waybill.consume(DELIVERY, () => waybill.produce(SEND, (sent) => sent));
  assert.deepEqual([envelope.correlationId, envelope.causationId], ['req_7', 'msg_9']);
});

test('facts are numbered from 1 without a hole, per instance', () => {
  const { waybill, facts } = knownWaybill();
  waybill.consume(DELIVERY, () => waybill.produceAll([SEND, SEND], () => {}));
  waybill.produce(SEND, () => {});
  assert.deepEqual(
    facts.map((fact) => fact.kind !== 'dropped' && fact.seq),
    facts.map((_, index) => index + 1),
  );
  assert.equal(new Set(facts.map(({ fact_id }) => fact_id)).size, facts.length);
});

test('an instance that is not named has a name of its own', () => {
  const instances = [1, 2].map(() => {
    const facts: Fact[] = [];
    const waybill = createWaybill({ service: 'checkout', recorder: { record: (fact) => void facts.push(fact) } });
    waybill.produce(SEND, () => {});
    return facts[0]?.instance;
  });
  assert.notEqual(instances[0], instances[1]);
  assert.match(instances[0] ?? '', /.-[0-9A-Z]{6}$/);
});

test('what is asked aside is asked, and answers, without a tracer too', () => {
  assert.equal(
    knownWaybill().waybill.untraced(() => 'asked'),
    'asked',
  );
});

test('closing the instance closes its recorder, and needs none', async () => {
  let closed = 0;
  const recorder = {
    record: () => {},
    close: async () => {
      closed++;
    },
  };
  await createWaybill({ service: 'checkout', recorder }).close();
  await createWaybill({ service: 'checkout' }).close();
  await createWaybill({ service: 'checkout', recorder: { record: () => {} } }).close();
  assert.equal(closed, 1);
});

test('a recorder that cannot be closed does not stop an app that is stopping', async () => {
  const recorder = { record: () => {}, close: () => Promise.reject(new Error('the disk is full')) };
  await createWaybill({ service: 'checkout', recorder }).close();
});
