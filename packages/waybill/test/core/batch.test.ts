import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Delivery, Execution } from '../../src/core/delivery.ts';
import type { Envelope } from '../../src/core/envelope.ts';
import { bind, current, logFields } from '../../src/core/scope.ts';
import { anEnvelope, knownWaybill, NOW, TRACEPARENT } from '../known-waybill.ts';

const SEND = { system: 'kafka', destination: 'mails' };

function deliveriesOf(...fields: Partial<Envelope>[]): Delivery[] {
  return fields.map((own, index) => ({
    system: 'kafka',
    destination: 'orders',
    brokerId: `orders-0-${index}`,
    envelope: anEnvelope({ messageId: `msg_9${index}`, ...own }),
  }));
}

test('messages of one workflow are one execution in it, with an item for each', () => {
  const { waybill, of } = knownWaybill();
  const { batch, items } = waybill.openBatch(deliveriesOf({}, {}, {}));
  const { messageId, correlationId, causationId, tenantId, operation, attempt } = batch.context;
  assert.deepEqual(
    [messageId, correlationId, causationId, tenantId, operation, attempt],
    ['bat_1', 'req_7', null, 'tenant_42', 'checkout', null],
  );
  assert.deepEqual(
    items.map(({ context }) => context.messageId),
    ['msg_90', 'msg_91', 'msg_92'],
  );
  assert.deepEqual(
    of('started').map((fact) => [fact.message_id, fact.execution_id, fact.batch, fact.trace_mode]),
    [0, 1, 2].map((index) => [
      `msg_9${index}`,
      batch.context.executionId,
      { id: 'bat_1', index, count: 3 },
      { mode: 'L', reason: 'batch' },
    ]),
  );
  assert.equal(new Set(of('started').map((fact) => fact.trace_id)).size, 1);
});

test('a send in the batch is caused by the batch, and one in an item’s scope by that item', () => {
  const { waybill } = knownWaybill();
  const { batch, items } = waybill.openBatch(deliveriesOf({}, {}));
  const send = () => waybill.produce(SEND, (envelope) => envelope);
  const [whole, second] = batch.run(() => [send(), items[1]?.run(send)]);
  assert.deepEqual([whole?.causationId, whole?.correlationId], ['bat_1', 'req_7']);
  assert.deepEqual([second?.causationId, second?.byExecutionId], ['msg_91', batch.context.executionId]);
});

test('a batch that goes from item to item and fails hands back what it had not reached', () => {
  const outcomesOf = (work: (items: readonly Execution[]) => void, outcome: 'failed' | 'ok') => {
    const { waybill, of } = knownWaybill();
    const { batch, items } = waybill.openBatch(deliveriesOf({}, {}, {}));
    batch.run(() => work(items));
    batch.settle({ outcome, by: 'throw' });
    return of('settled').map((fact) => fact.outcome);
  };
  const first = ([one]: readonly Execution[]) => one?.run(() => one.settle({ outcome: 'ok' }));
  const second = (items: readonly Execution[]) => {
    first(items);
    items[1]?.run(() => {});
  };
  assert.deepEqual(outcomesOf(second, 'failed'), ['ok', 'failed', 'released']);
  assert.deepEqual(
    outcomesOf(() => {}, 'failed'),
    ['failed', 'failed', 'failed'],
    'taken as a whole, it failed as a whole',
  );
  assert.deepEqual(outcomesOf(first, 'ok'), ['ok', 'ok', 'ok']);
});

test('messages of several workflows make a new one, and the facts say which they were', () => {
  const { waybill, of } = knownWaybill();
  const { batch } = waybill.openBatch(
    deliveriesOf({ correlationId: 'req_1' }, { correlationId: 'req_2' }, { correlationId: 'req_1' }),
  );
  assert.equal(batch.context.correlationId, 'bat_1');
  const sent = batch.run(() => waybill.produce(SEND, (envelope) => envelope));
  assert.equal(sent.correlationId, 'bat_1');
  assert.deepEqual(of('sent')[0]?.correlations, ['req_1', 'req_2']);
  assert.ok(!JSON.stringify(sent).includes('req_2'), 'never on the wire');
});

test('only what all messages have bound, and alike, is bound in the batch', () => {
  const { waybill } = knownWaybill();
  const { batch, items } = waybill.openBatch(
    deliveriesOf(
      { bindingsJson: '{"plan":"gold","row":1,"list":[1,{"a":2}],"first":1}', hiddenJson: '{"h":1,"i":1}' },
      { bindingsJson: '{"row":2,"list":[1,{"a":2}],"plan":"gold"}', hiddenJson: '{"h":1,"i":2}' },
    ),
  );
  const sent = batch.run(() => {
    assert.deepEqual(
      [logFields()['plan'], logFields()['list'], logFields()['row'], logFields()['first']],
      ['gold', [1, { a: 2 }], undefined, undefined],
    );
    return waybill.produce(SEND, (envelope) => envelope);
  });
  assert.deepEqual([sent.bindingsJson, sent.hiddenJson], ['{"plan":"gold","list":[1,{"a":2}]}', '{"h":1}']);
  assert.equal(
    items[1]?.run(() => logFields()['row']),
    2,
  );
});

test('a message without bindings leaves none in the batch', () => {
  const { waybill } = knownWaybill();
  for (const fields of [
    [{}, { bindingsJson: null }],
    [{ bindingsJson: null }, {}],
  ])
    assert.equal('plan' in waybill.openBatch(deliveriesOf(...fields)).batch.run(logFields), false);
});

test('what one item binds is in no other, and not in the batch', () => {
  const { waybill } = knownWaybill();
  const { batch, items } = waybill.openBatch(deliveriesOf({}, {}));
  batch.run(() => {
    items[0]?.run(() => bind({ mine: 1 }));
    assert.equal('mine' in (items[1]?.run(logFields) ?? {}), false);
    assert.equal('mine' in logFields(), false);
    assert.equal(
      items[0]?.run(() => logFields()['mine']),
      1,
    );
  });
});

test('messages of several tenants give the batch none and a gap, and each item its own', () => {
  const { waybill, of } = knownWaybill();
  for (const other of ['tenant_7', null]) {
    const { batch, items } = waybill.openBatch(deliveriesOf({}, { tenantId: other }));
    assert.equal(batch.context.tenantId, null);
    assert.equal(
      batch.run(() => 'tenant_id' in logFields()),
      false,
    );
    assert.deepEqual(
      items.map(({ context }) => context.tenantId),
      ['tenant_42', other],
    );
    assert.equal(batch.run(() => waybill.produce(SEND, (envelope) => envelope)).tenantId, null);
  }
  assert.deepEqual(
    of('gap').map(({ gap, message_id, tenant_id }) => [gap, message_id, tenant_id]),
    ['bat_1', 'bat_2'].map((id) => [
      { reason: 'mixed_tenants', missing: ['tenant_id'], edge: { from: null, to: 'orders' } },
      id,
      null,
    ]),
  );
});

test('what messages of several tenants have bound alike is bound in each item, and not in the batch', () => {
  const { waybill } = knownWaybill();
  const { batch, items } = waybill.openBatch(
    deliveriesOf({ bindingsJson: '{"region":"eu"}' }, { bindingsJson: '{"region":"eu"}', tenantId: 'tenant_7' }),
  );
  assert.equal(
    batch.run(() => logFields()['region']),
    undefined,
  );
  assert.deepEqual(
    items.map((item) => item.run(() => logFields()['region'])),
    ['eu', 'eu'],
  );
});

test('one verdict settles all items, unless an item has its own already', () => {
  let at = NOW;
  const { waybill, of } = knownWaybill({ clock: () => at });
  const { batch, items } = waybill.openBatch(deliveriesOf({}, {}, {}));
  const error = new Error('row 2');
  waybill.execute(batch, () => {
    at += 10;
    items[1]?.settle({ outcome: 'retry', error, by: 'item' });
    at += 10;
  });
  assert.deepEqual(
    of('settled').map(({ message_id, outcome, by }) => [message_id, outcome, by]),
    [
      ['msg_91', 'retry', 'item'],
      ['msg_90', 'ok', 'return'],
      ['msg_92', 'ok', 'return'],
    ],
  );
  assert.deepEqual(
    of('settled').map(({ ended_at }) => ended_at),
    [undefined, NOW + 20, NOW + 20],
  );
});

test('items that are handled one by one end one by one: the next is not late', () => {
  let at = NOW;
  const { waybill, of } = knownWaybill({ clock: () => at });
  const { batch, items } = waybill.openBatch(deliveriesOf({}, {}));
  waybill.execute(batch, () => {
    for (const item of items) {
      at += 10;
      waybill.execute(item, () => {
        assert.equal('late' in logFields(), false);
        waybill.produce(SEND, () => {});
      });
      assert.equal(item.run(logFields)['late'], true);
    }
  });
  assert.deepEqual(
    of('sent').map(({ late }) => late),
    [undefined, undefined],
  );
  assert.deepEqual(
    of('settled').map(({ ended_at }) => ended_at),
    [NOW + 10, NOW + 20],
  );
});

test('with the batch all of its items have ended', () => {
  const { waybill } = knownWaybill();
  const { batch, items } = waybill.openBatch(deliveriesOf({}, {}));
  batch.ended();
  assert.deepEqual(
    items.map((item) => item.run(logFields)['late']),
    [true, true],
  );
});

test('the sends of all items together are the sixteen that one execution may have in one trace', () => {
  const { waybill } = knownWaybill();
  const { items } = waybill.openBatch(deliveriesOf({}, {}));
  const modes = items.flatMap((item) =>
    item.run(() => Array.from({ length: 10 }, () => waybill.produce(SEND, ({ traceMode }) => traceMode))),
  );
  assert.deepEqual(modes.indexOf('L'), 16);
});

test('a message without context is an item like any other, with its gap', () => {
  const { waybill, of } = knownWaybill();
  const [first] = deliveriesOf({});
  assert.ok(first);
  const { items } = waybill.openBatch([first, { ...first, envelope: 'absent' }]);
  assert.match(items[1]?.context.messageId ?? '', /^msg_[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
  assert.deepEqual(
    of('gap').map(({ gap }) => gap.reason),
    ['no_context', 'mixed_tenants'],
  );
  assert.equal(of('started').length, 2);
});

test('a batch of one and of none are batches', () => {
  const { waybill, of } = knownWaybill();
  const one = waybill.openBatch(deliveriesOf({}));
  assert.deepEqual(one.batch.context.correlationId, 'req_7');
  const none = waybill.openBatch([]);
  assert.equal(none.items.length, 0);
  assert.equal(
    none.batch.run(() => current()?.messageId),
    'bat_2',
  );
  none.batch.settle({ outcome: 'ok' });
  assert.deepEqual([of('gap'), of('settled')], [[], []]);
});

test('headers that all messages share are passed on, and those of one are not another’s', () => {
  const { waybill } = knownWaybill();
  const traceHeaders = { traceparent: TRACEPARENT };
  const other = { traceparent: TRACEPARENT.replace('4bf9', 'aaaa') };
  const headersOf = (...fields: Partial<Envelope>[]) => {
    const { batch } = waybill.openBatch(deliveriesOf(...fields));
    return batch.run(() => waybill.produce(SEND, (envelope) => envelope.traceHeaders.traceparent));
  };
  assert.equal(headersOf({ traceHeaders }, { traceHeaders }), TRACEPARENT);
  assert.equal(headersOf({ traceHeaders }, { traceHeaders: other }), undefined);
  assert.equal(headersOf({ traceHeaders }, {}), undefined);
});
