import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { JudgeOutcome, Settlement } from '../../src/core/delivery.ts';
import { current, logFields } from '../../src/core/scope.ts';
import { anEnvelope, knownWaybill, NOW } from '../known-waybill.ts';

const DELIVERY = { system: 'rabbitmq', destination: 'orders', envelope: anEnvelope() };

test('one handling leaves two facts, that it started and how it ended', () => {
  let at = NOW;
  const { waybill, of, facts } = knownWaybill({ clock: () => at, version: '1.2.3' });
  const delivery = {
    ...DELIVERY,
    subscription: 'billing',
    attempt: 2,
    maxAttempts: 5,
    deliveryCount: 3,
    redelivered: true,
    brokerId: '17',
    enqueuedAt: NOW - 500,
    receivedAt: NOW - 1,
    leaseUntil: NOW + 30_000,
  };
  const traceId = waybill.consume(delivery, ({ context }) => {
    at += 40;
    return context.traceId;
  });
  const common = {
    service: 'checkout',
    instance: 'checkout-1',
    version: '1.2.3',
    message_id: 'msg_9',
    correlation_id: 'req_7',
    causation_id: 'msg_8',
    hop: 3,
    trace_id: traceId,
    tenant_id: 'tenant_42',
    operation: 'checkout',
    event_type: 'order.created',
    business_key: 'order:ORD-48213',
    system: 'rabbitmq',
    destination: 'orders',
    subscription: 'billing',
    broker_id: '17',
    execution_id: 'exe_1',
    attempt: 2,
  };
  assert.equal(facts.length, 2);
  assert.deepEqual(of('started'), [
    {
      kind: 'started',
      fact_id: 'fct_1',
      at: NOW,
      seq: 1,
      ...common,
      bindings: '{"plan":"gold"}',
      max_attempts: 5,
      delivery_count: 3,
      redelivered: true,
      enqueued_at: NOW - 500,
      received_at: NOW - 1,
      lease_until: NOW + 30_000,
      trace_mode: { mode: 'L', reason: 'retry' },
    },
  ]);
  assert.deepEqual(of('settled'), [
    {
      kind: 'settled',
      fact_id: 'fct_2',
      at: NOW + 40,
      seq: 2,
      ...common,
      ended_at: NOW + 40,
      by: 'return',
      outcome: 'ok',
    },
  ]);
});

test('what the handler returns comes back: a value as a value, a promise as a promise', async () => {
  const { waybill, of } = knownWaybill();
  const value = {};
  assert.equal(
    waybill.consume(DELIVERY, () => value),
    value,
  );
  const promised = waybill.consume(DELIVERY, async () => turn(value));
  assert.ok(promised instanceof Promise);
  assert.equal(of('settled').length, 1);
  assert.equal(await promised, value);
  assert.equal(of('settled').length, 2);
});

test('whatever a handler throws goes on as it is, and the message has failed', async () => {
  const { waybill, of } = knownWaybill();
  const frozen = Object.freeze(new RangeError('too much'));
  const thrown = [frozen, 'text', 7, undefined, null, false, { message: 'no error' }, Symbol('s')];
  for (const error of thrown) {
    const handler = () => {
      throw error;
    };
    assert.throws(
      () => waybill.consume(DELIVERY, handler),
      (given) => Object.is(given, error),
    );
    await assert.rejects(
      waybill.consume(DELIVERY, async () => handler()),
      (given) => Object.is(given, error),
    );
  }
  const settled = of('settled');
  assert.equal(settled.length, thrown.length * 2);
  assert.deepEqual(new Set(settled.map(({ outcome, by }) => `${outcome} by ${by}`)), new Set(['failed by throw']));
  assert.deepEqual(
    settled.filter((_, at) => at % 2 === 0).map(({ error }) => `${error?.type}: ${error?.message}`),
    [
      'RangeError: too much',
      'string: text',
      'number: 7',
      'undefined: undefined',
      'object: null',
      'boolean: false',
      'Error: no error',
      'symbol: Symbol(s)',
    ],
  );
});

const HANDLING = `
  import { createWaybill } from 'waybill';
  process.once('unhandledRejection', (error) => console.log('unhandled:', error.message));
  createWaybill({ service: 'checkout' }).consume({ system: 'nats', destination: 'orders', envelope: 'absent' }, async () => {
    throw new Error('nobody looks');
  });`;

test('a rejection that nobody handles stays an unhandled one', () => {
  // In a process of its own: the test runner takes unhandled rejections for failures.
  const args = ['--conditions=@waybill/source', '--input-type=module', '--eval', HANDLING];
  const cwd = import.meta.dirname;
  assert.equal(execFileSync(process.execPath, args, { cwd, encoding: 'utf8' }), 'unhandled: nobody looks\n');
});

test('the scope is gone after the handler, however it ended', async () => {
  const { waybill } = knownWaybill();
  const endings = [() => 1, () => assert.fail('thrown'), async () => turn(), async () => assert.fail('rejected')];
  for (const handler of endings) {
    try {
      const result: unknown = waybill.consume<unknown>(DELIVERY, handler);
      assert.equal(current(), undefined);
      await result;
    } catch {
      // its error is its own test
    }
    assert.equal(current(), undefined);
  }
});

test('a message without context has a scope of its own, not that of whoever runs the consumer', () => {
  const { waybill } = knownWaybill();
  waybill.ingress({ operation: 'start up', tenantId: 'somebody else' }, () => {
    waybill.consume({ ...DELIVERY, envelope: 'absent' }, ({ context }) => {
      assert.deepEqual([context.tenantId, context.operation, context.correlationId], [null, null, context.messageId]);
      assert.equal(current(), context);
    });
  });
});

test('a judge says how it ended, from the error or the result', () => {
  const { waybill, of } = knownWaybill();
  const judge: JudgeOutcome = (error, result) =>
    error === undefined
      ? { outcome: result === 'seen' ? 'skipped' : 'ok', by: 'dedup' }
      : { outcome: 'retry', error, retryAt: NOW + 5000, by: 'moveToFailed' };
  waybill.consume(DELIVERY, () => 'seen', judge);
  waybill.consume(DELIVERY, () => 'new', judge);
  const failing = () => assert.fail('broken');
  assert.throws(() => waybill.consume(DELIVERY, failing, judge));
  assert.deepEqual(
    of('settled').map(({ outcome, by, retry_at, error }) => [outcome, by, retry_at, error?.message]),
    [
      ['skipped', 'dedup', undefined, undefined],
      ['ok', 'dedup', undefined, undefined],
      ['retry', 'moveToFailed', NOW + 5000, 'broken'],
    ],
  );
});

test('a handler that throws undefined is no success to a judge', () => {
  const { waybill, of } = knownWaybill();
  const judge: JudgeOutcome = (error) => (error === undefined ? { outcome: 'ok' } : { outcome: 'dead', error });
  for (const nothing of [undefined, null]) {
    const handler = () => {
      throw nothing;
    };
    assert.throws(
      () => waybill.consume(DELIVERY, handler, judge),
      (given) => given === nothing,
    );
  }
  assert.deepEqual(
    of('settled').map(({ outcome }) => outcome),
    ['dead', 'dead'],
  );
});

test('a judge that throws, or gives nonsense, changes nothing for the job', () => {
  const { waybill, of } = knownWaybill();
  const error = new Error('broken');
  const failing = () => {
    throw error;
  };
  const broken: JudgeOutcome[] = [
    () => assert.fail('no judgement'),
    () => null as unknown as Settlement,
    () => 'ok' as unknown as Settlement,
    () => ({}) as Settlement,
  ];
  for (const judge of broken) {
    assert.equal(
      waybill.consume(DELIVERY, () => 7, judge),
      7,
    );
    assert.throws(
      () => waybill.consume(DELIVERY, failing, judge),
      (given) => given === error,
    );
  }
  const outcomes = of('settled').map(({ outcome }) => outcome);
  assert.deepEqual([...outcomes.slice(0, 2)], ['ok', 'failed']);
  assert.ok(
    outcomes.every((outcome) => outcome === 'ok' || outcome === 'failed'),
    outcomes.join(),
  );
});

test('a judge that has no answer leaves it open, for whoever learns it later', () => {
  let at = NOW;
  const { waybill, of } = knownWaybill({ clock: () => at });
  const execution = waybill.open(DELIVERY);
  waybill.execute(
    execution,
    () => {},
    () => undefined,
  );
  assert.deepEqual([execution.settled, of('settled').length], [false, 0]);
  at += 100;
  execution.settle({ outcome: 'released', by: 'nack' });
  execution.settle({ outcome: 'ok', by: 'too late' });
  assert.equal(execution.settled, true);
  assert.deepEqual(
    of('settled').map(({ outcome, by, at: told, ended_at }) => [outcome, by, told, ended_at]),
    [['released', 'nack', NOW + 100, NOW]],
  );
});

test('the first to know how it ended wins: a handler that settles itself is not overruled', () => {
  const { waybill, of } = knownWaybill();
  waybill.consume(DELIVERY, (execution) => execution.settle({ outcome: 'dead', error: new Error('term'), by: 'term' }));
  assert.deepEqual(
    of('settled').map(({ outcome, by }) => [outcome, by]),
    [['dead', 'term']],
  );
});

test('an execution may be entered many times, and each time is the same scope', async () => {
  const { waybill } = knownWaybill();
  const execution = waybill.open(DELIVERY);
  const seen = [execution.run(current), await execution.run(() => turn().then(current))];
  assert.deepEqual(seen, [execution.context, execution.context]);
  execution.ended();
  execution.ended();
  assert.equal(execution.run(logFields)['late'], true);
});

test('an error is told by its kind and its message, and only where the message failed', () => {
  const { waybill, of } = knownWaybill();
  const error = new TypeError('order 17 is broken');
  for (const outcome of ['ok', 'skipped', 'released', 'retry', 'dead', 'failed'] as const)
    waybill.open(DELIVERY).settle({ outcome, error });
  assert.deepEqual(
    of('settled').map((fact) => [fact.outcome, fact.error?.type, fact.error?.message]),
    [
      ['ok', undefined, undefined],
      ['skipped', undefined, undefined],
      ['released', undefined, undefined],
      ['retry', 'TypeError', 'order 17 is broken'],
      ['dead', 'TypeError', 'order 17 is broken'],
      ['failed', 'TypeError', 'order 17 is broken'],
    ],
  );
});
