import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { logFields } from '../../src/core/scope.ts';
import { readHeaders, writeHeaders } from '../../src/layouts/headers.ts';
import { knownWaybill, NOW } from '../known-waybill.ts';

const TICK = { operation: 'nightly', destination: 'reports', schedule: { id: 'nightly', dueAt: NOW } };
const tickOf = (options: object, schedule = TICK.schedule) =>
  knownWaybill(options).waybill.ingress({ ...TICK, schedule }, ({ context }) => context.messageId);

test('two schedulers that fire the same tick make one message, and two environments do not', () => {
  assert.equal(tickOf({ instance: 'a', clock: () => NOW + 3 }), tickOf({ instance: 'b', clock: () => NOW + 9 }));
  assert.notEqual(tickOf({ namespace: 'staging' }), tickOf({ namespace: 'production' }));
  assert.notEqual(tickOf({ service: 'a' }), tickOf({ service: 'b' }));
  assert.notEqual(tickOf({}), tickOf({}, { id: 'hourly', dueAt: NOW }));
  assert.notEqual(tickOf({}), tickOf({}, { id: 'nightly', dueAt: NOW + 1 }));
});

test('the environment is that of the process, unless the app names another', () => {
  const before = process.env['OTEL_RESOURCE_ATTRIBUTES'];
  const inside = (environment: string) => {
    process.env['OTEL_RESOURCE_ATTRIBUTES'] = environment;
    return tickOf({});
  };
  try {
    const staging = inside('team=a, deployment.environment.name=staging');
    assert.notEqual(staging, inside('deployment.environment.name=production'));
    assert.equal(staging, inside('deployment.environment=staging'));
    assert.equal(staging, tickOf({ namespace: 'staging/checkout' }));
  } finally {
    if (before === undefined) delete process.env['OTEL_RESOURCE_ATTRIBUTES'];
    else process.env['OTEL_RESOURCE_ATTRIBUTES'] = before;
  }
});

test('the id of a tick is what the specification says', () => {
  const id = tickOf({ namespace: 'production' });
  const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const text = (bits: bigint, places: number) => {
    let made = '';
    for (let place = 0; place < places; place++, bits /= 32n) made = digits[Number(bits % 32n)] + made;
    return made;
  };
  const hex = createHash('sha256').update(`production\0nightly\0${NOW}`).digest('hex').slice(0, 20);
  assert.equal(id, `tick_${text(BigInt(NOW), 10)}${text(BigInt(`0x${hex}`), 16)}`);
});

test('a tick is the root of a workflow: no cause, no bindings, the account of the system unless the app names one', () => {
  const { waybill, of } = knownWaybill();
  waybill.ingress(TICK, () => waybill.produce({ system: 'nats', destination: 'mails' }, () => {}));
  waybill.ingress({ ...TICK, tenantId: 'tenant_42' }, () => {});
  const [started, second] = of('started');
  assert.deepEqual(
    [started?.system, started?.causation_id, started?.schedule_id, started?.due_at, started?.tenant_id],
    ['cron', null, 'nightly', NOW, 'system'],
  );
  assert.deepEqual([started?.correlation_id, started?.trace_mode.mode], [started?.message_id, 'root']);
  assert.equal(second?.tenant_id, 'tenant_42');
  assert.equal(of('sent')[0]?.causation_id, started?.message_id);
  assert.deepEqual(of('gap'), []);
});

/** A scheduler's template as it comes out of the transport, where every tick has a copy of it. */
function storedTemplate() {
  const { waybill, facts } = knownWaybill();
  const edge = { operation: 'setup', tenantId: 'tenant_42' };
  const send = { system: 'bullmq', destination: 'reports', eventType: 'report.build', operation: 'reports' };
  const carrier = waybill.ingress(edge, () =>
    waybill.produce({ ...send, scheduleId: 'nightly' }, (template) => writeHeaders(template, {})),
  );
  return { carrier, facts };
}

test('a schedule’s template is no message, and each of its ticks is one', () => {
  const { carrier, facts } = storedTemplate();
  assert.deepEqual(Object.keys(carrier), ['waybill'], 'it names no workflow');
  assert.deepEqual(
    facts.map(({ kind }) => kind),
    ['started', 'settled'],
    'nothing is recorded of the template',
  );
  const ids = new Set<string>();
  for (let count = 0; count < 1000; count++) {
    const { waybill, of } = knownWaybill();
    const schedule = { id: 'nightly', dueAt: NOW + count * 60_000 };
    const delivery = { system: 'bullmq', destination: 'reports', envelope: readHeaders(carrier), schedule };
    waybill.consume(delivery, ({ context }) => {
      assert.deepEqual(
        [context.tenantId, context.operation, context.eventType],
        ['tenant_42', 'reports', 'report.build'],
      );
      assert.equal('order' in logFields(), false);
      ids.add(context.correlationId);
    });
    assert.equal(of('started')[0]?.causation_id, null);
  }
  assert.equal(ids.size, 1000);
});

test('a tick whose template names no account is the system’s', () => {
  const delivery = { system: 'cron', destination: 'reports', envelope: 'absent', schedule: TICK.schedule } as const;
  const tenantOf = (tenantId?: string) =>
    knownWaybill().waybill.consume({ ...delivery, tenantId }, ({ context }) => context.tenantId);
  assert.deepEqual([tenantOf(), tenantOf('tenant_42')], ['system', 'tenant_42']);
});

test('a retry of a tick is the same message', () => {
  const { carrier } = storedTemplate();
  const delivery = {
    system: 'bullmq',
    destination: 'reports',
    envelope: readHeaders(carrier),
    schedule: TICK.schedule,
  };
  const ids = [1, 2].map((attempt) =>
    knownWaybill().waybill.consume({ ...delivery, attempt }, ({ context }) => context.messageId),
  );
  assert.equal(ids[0], ids[1]);
});

test('a template from a scheduler that does not say what is due makes one message for each job of the transport', () => {
  const { carrier } = storedTemplate();
  const open = (brokerId: string | undefined) =>
    knownWaybill().waybill.consume(
      { system: 'bullmq', destination: 'reports', envelope: readHeaders(carrier), brokerId },
      ({ context }) => context.messageId,
    );
  assert.equal(open('7'), open('7'));
  assert.notEqual(open('7'), open('8'));
  assert.match(open(undefined), /^tick_/);
});

test('a waybill without a message and without a schedule is unreadable', () => {
  assert.equal(readHeaders({ waybill: '{"v":1,"message_id":"","correlation_id":""}' }), 'unreadable');
});
