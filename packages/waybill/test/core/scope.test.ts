import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import {
  bind,
  current,
  keepScope,
  logFields,
  newWorkflow,
  runOutsideScopes,
  withBindings,
} from '../../src/core/scope.ts';
import { anEnvelope, knownWaybill } from '../known-waybill.ts';

const EDGE = { operation: 'checkout', tenantId: 'tenant_42' };
const SEND = { system: 'nats', destination: 'orders' };

test('outside every scope there is no context, nothing to bind to, and no field to log', () => {
  assert.equal(current(), undefined);
  assert.equal(bind({ a: 1 }), false);
  assert.deepEqual(logFields(), {});
  assert.equal(
    withBindings({ a: 1 }, () => current()),
    undefined,
  );
});

test('in a request there is one context, on both sides of an await', async () => {
  const { waybill } = knownWaybill();
  await waybill.ingress(EDGE, async () => {
    const before = current();
    await turn();
    assert.equal(current(), before);
    assert.deepEqual(before, {
      correlationId: 'req_1',
      messageId: 'req_1',
      causationId: null,
      executionId: 'exe_1',
      attempt: 1,
      traceId: before?.traceId,
      spanId: null,
      tenantId: 'tenant_42',
      operation: 'checkout',
      eventType: 'checkout',
      businessKey: null,
      hop: 0,
    });
  });
  assert.equal(current(), undefined);
});

test('a log line has the identity first, then what was bound, and is an object of its own', () => {
  const { waybill } = knownWaybill();
  const delivery = { ...SEND, envelope: anEnvelope(), attempt: 2 };
  waybill.consume(delivery, ({ context }) => {
    bind({ plan: 'silver', order: 'ORD-1' });
    const line = logFields();
    assert.deepEqual(Object.entries(line), [
      ['correlation_id', 'req_7'],
      ['message_id', 'msg_9'],
      ['causation_id', 'msg_8'],
      ['execution_id', context.executionId],
      ['attempt', 2],
      ['trace_id', context.traceId],
      ['tenant_id', 'tenant_42'],
      ['operation', 'checkout'],
      ['business_key', 'order:ORD-48213'],
      ['plan', 'silver'],
      ['order', 'ORD-1'],
    ]);
    line['order'] = 'somebody wrote into it';
    assert.notEqual(logFields(), line);
    assert.equal(logFields()['order'], 'ORD-1');
  });
});

test('bound fields cannot take the place of the identity', () => {
  const { waybill } = knownWaybill();
  waybill.ingress(EDGE, () => {
    bind({ tenant_id: 'somebody else', correlation_id: 'req_0' });
    assert.deepEqual([logFields()['tenant_id'], logFields()['correlation_id']], ['tenant_42', 'req_1']);
  });
});

test('what a callee binds, its caller logs: fields belong to the execution', async () => {
  const { waybill } = knownWaybill();
  await waybill.ingress(EDGE, async () => {
    const callee = async () => {
      await turn();
      return bind({ order: 'ORD-1' });
    };
    assert.equal(await callee(), true);
    assert.equal(logFields()['order'], 'ORD-1');
  });
});

test('parallel branches with their own fields do not see each other', async () => {
  const { waybill } = knownWaybill();
  await waybill.ingress(EDGE, async () => {
    bind({ shared: 1 });
    const branches = ['a', 'b', 'c'].map((branch) =>
      withBindings({ branch }, async () => {
        await turn();
        bind({ inside: branch });
        bind({ insideHidden: branch }, { hidden: true });
        await turn();
        const { shared, branch: own, inside } = logFields();
        return [shared, own, inside];
      }),
    );
    assert.deepEqual(await Promise.all(branches), [
      [1, 'a', 'a'],
      [1, 'b', 'b'],
      [1, 'c', 'c'],
    ]);
    assert.equal('branch' in logFields(), false);
    assert.equal('inside' in logFields(), false);
    assert.equal(
      waybill.produce(SEND, ({ hiddenJson }) => hiddenJson),
      null,
    );
  });
});

test('a branch gives back what its work gives, and its scope ends with a throw too', () => {
  const { waybill } = knownWaybill();
  waybill.ingress(EDGE, () => {
    assert.equal(
      withBindings({ a: 1 }, () => 7),
      7,
    );
    const error = new Error('broken');
    const work = () =>
      withBindings({ a: 1 }, () => {
        throw error;
      });
    assert.throws(work, (thrown) => thrown === error);
    assert.equal('a' in logFields(), false);
  });
});

test('an inner request hides the outer one, which comes back as it was', () => {
  const { waybill } = knownWaybill();
  waybill.ingress(EDGE, () => {
    bind({ outer: 1 });
    waybill.ingress({ operation: 'refund' }, () => {
      assert.deepEqual([current()?.operation, current()?.tenantId], ['refund', null]);
      assert.equal('outer' in logFields(), false);
      bind({ inner: 1 });
    });
    assert.equal(current()?.operation, 'checkout');
    assert.deepEqual(['outer' in logFields(), 'inner' in logFields()], [true, false]);
  });
});

test('what runs outside scopes sees none, and the scope is there again after it', () => {
  const { waybill } = knownWaybill();
  waybill.ingress(EDGE, () => {
    assert.equal(runOutsideScopes(current), undefined);
    assert.equal(current()?.operation, 'checkout');
  });
});

test('a callback that a foreign client calls has the scope in which it was made', () => {
  const { waybill } = knownWaybill();
  const client = new EventEmitter();
  const seen: unknown[] = [];
  waybill.ingress(EDGE, () => {
    client.on(
      'answer',
      keepScope(() => seen.push(current()?.operation)),
    );
    client.on('answer', () => seen.push(current()?.operation));
  });
  waybill.ingress({ operation: 'refund' }, () => client.emit('answer'));
  client.emit('answer');
  assert.deepEqual(seen, ['checkout', 'refund', 'checkout', undefined]);
});

test('a callback made outside every scope stays outside, whoever calls it', () => {
  const { waybill } = knownWaybill();
  const kept = keepScope(() => current());
  assert.equal(waybill.ingress(EDGE, kept), undefined);
});

test('a kept callback has its length, name, receiver, arguments, result and error', () => {
  const { waybill } = knownWaybill();
  waybill.ingress(EDGE, () => {
    function add(this: { base: number }, one: number, other: number): number {
      return this.base + one + other;
    }
    const kept = keepScope(add);
    assert.deepEqual([kept.length, kept.name], [2, 'add']);
    assert.equal(kept.call({ base: 1 }, 2, 3), 6);
    const error = new Error('broken');
    const failing = keepScope(() => {
      throw error;
    });
    assert.throws(failing, (thrown) => thrown === error);
  });
});

test('a new workflow has a correlation of its own, and no fields of the one it continues', () => {
  const { waybill } = knownWaybill();
  waybill.ingress(EDGE, () => {
    bind({ plan: 'gold' });
    bind({ claim: 1 }, { hidden: true });
    newWorkflow(() => {
      const context = current();
      assert.equal(context?.correlationId, 'run_1');
      assert.deepEqual([context?.messageId, context?.tenantId], ['req_1', 'tenant_42']);
      assert.equal('plan' in logFields(), false);
      const sent = waybill.produce(SEND, (envelope) => envelope);
      assert.equal(sent.correlationId, context?.correlationId);
      assert.deepEqual([sent.relations?.continuedFrom, sent.causationId], ['req_1', 'req_1']);
      assert.deepEqual([sent.bindingsJson, sent.hiddenJson], [null, null]);
      bind({ inner: 1 });
      newWorkflow(() => {
        const inner = waybill.produce(SEND, (envelope) => envelope);
        assert.equal(inner.relations?.continuedFrom, context?.correlationId);
        assert.notEqual(inner.correlationId, context?.correlationId);
      });
    });
    assert.equal(current()?.correlationId, 'req_1');
    assert.deepEqual([logFields()['plan'], 'inner' in logFields()], ['gold', false]);
    const after = waybill.produce(SEND, (envelope) => envelope);
    assert.deepEqual([after.correlationId, after.relations?.continuedFrom], ['req_1', undefined]);
  });
});

test('a workflow begun outside every request joins what it sends, and no message is its cause', () => {
  const { waybill, of } = knownWaybill();
  const [first, second] = newWorkflow(() => {
    assert.equal(bind({ run: 'nightly' }), true);
    return [waybill.produce(SEND, (envelope) => envelope), waybill.produce(SEND, (envelope) => envelope)] as const;
  });
  assert.equal(first.correlationId, second.correlationId);
  assert.match(first.correlationId, /^run_/);
  assert.deepEqual([first.causationId, first.byExecutionId, first.hop], [null, null, 0]);
  assert.equal(first.bindingsJson, '{"run":"nightly"}');
  assert.deepEqual(of('gap'), []);
});

test('a promise that nobody awaited is late once the handler has ended, and keeps its cause', async () => {
  const { waybill, of } = knownWaybill();
  let floating: Promise<unknown> | undefined;
  waybill.consume({ ...SEND, envelope: anEnvelope() }, () => {
    assert.equal('late' in logFields(), false);
    floating = turn().then(() => {
      assert.equal(logFields()['late'], true);
      assert.equal(current()?.messageId, 'msg_9');
      return waybill.produce({ system: 'nats', destination: 'mails' }, (envelope) => envelope);
    });
  });
  const sent = await floating;
  assert.deepEqual(
    of('sent').map(({ late, causation_id }) => [late, causation_id]),
    [[true, 'msg_9']],
  );
  assert.deepEqual((sent as { traceMode: string; traceReason: string }).traceReason, 'late');
});

test('two copies of the library in one process share the scope', async () => {
  const copy: typeof import('../../src/core/scope.ts') = await import(`../../src/core/scope.ts?${'copy'}`);
  assert.notEqual(copy.current, current);
  const { waybill } = knownWaybill();
  waybill.ingress(EDGE, () => {
    assert.equal(copy.current(), current());
    assert.equal(copy.bind({ copied: 1 }), true);
    assert.equal(logFields()['copied'], 1);
    copy.withBindings({ branch: 1 }, () => assert.equal(logFields()['branch'], 1));
  });
  assert.equal(copy.current(), undefined);
});
