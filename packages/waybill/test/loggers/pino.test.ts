import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { bind, logFields, withBindings } from '../../src/core/scope.ts';
import { mixin } from '../../src/loggers/pino.ts';
import { anEnvelope, knownWaybill } from '../known-waybill.ts';

/** A real pino, and the lines that it writes. */
function logger(options: object = {}) {
  const lines: string[] = [];
  const log = pino(
    { mixin, base: null, timestamp: false, ...options },
    { write: (line: string) => void lines.push(line) },
  );
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') };
}

const DELIVERY = { system: 'nats', destination: 'orders', envelope: anEnvelope({ bindingsJson: null }) };

test('a line in a scope has the identity and what was bound; one outside has neither', () => {
  const { log, last, lines } = logger();
  const { waybill } = knownWaybill();
  waybill.consume(DELIVERY, () => {
    bind({ order: 'ORD-1' });
    log.info('in it');
    assert.deepEqual(last(), { level: 30, ...logFields(), msg: 'in it' });
    assert.equal(last().correlation_id, 'req_7');
    withBindings({ branch: 1 }, () => log.info('in a branch'));
    assert.deepEqual([last().branch, last().order], [1, 'ORD-1']);
  });
  log.info('outside');
  assert.equal(lines.at(-1), '{"level":30,"msg":"outside"}\n');
});

test('what the line itself names wins, and is written once', () => {
  const { log, lines, last } = logger();
  const { waybill } = knownWaybill();
  waybill.consume(DELIVERY, () => {
    bind({ order: 'bound', other: 1 });
    log.info({ order: 'line', tenant_id: 'named' }, 'm');
  });
  assert.deepEqual([last().order, last().tenant_id, last().other], ['line', 'named', 1]);
  for (const name of ['order', 'tenant_id']) assert.equal(lines[0]?.split(`"${name}":`).length, 2, name);
});

test('a name that a child logger has bound is written once, as the child has it', () => {
  const { log, lines, last } = logger();
  const { waybill } = knownWaybill();
  const child = log.child({ order: 'child', operation: 'own' });
  const grandchild = child.child({ branch: 'grandchild' });
  waybill.consume(DELIVERY, () => {
    bind({ order: 'bound', branch: 'bound' });
    for (let times = 0; times < 2; times++) child.info('m');
    assert.deepEqual([last().order, last().operation, last().branch], ['child', 'own', 'bound']);
    grandchild.info('m');
    assert.deepEqual([last().order, last().branch], ['child', 'grandchild']);
    log.info('m');
    assert.deepEqual([last().order, last().operation], ['bound', 'checkout']);
  });
  for (const line of lines) assert.equal(line.split('"order":').length, 2, line);
});

test('a name that is bound to a child logger later is written once too', () => {
  const { log, lines, last } = logger();
  const { waybill } = knownWaybill();
  const child = log.child({ a: 1 });
  waybill.consume(DELIVERY, () => {
    bind({ order: 'bound' });
    child.info('before');
    child.setBindings({ order: 'child' });
    child.info('after');
  });
  assert.equal(last().order, 'child');
  assert.equal(lines[1]?.split('"order":').length, 2, lines[1]);
});

test('each line has fields of its own: what pino writes into one is in no other', () => {
  const { log, last } = logger();
  const { waybill } = knownWaybill();
  waybill.consume(DELIVERY, () => {
    log.info({ once: 1 }, 'first');
    log.info('second');
    assert.equal('once' in last(), false);
    assert.equal('once' in logFields(), false);
  });
});

test('one call is one line, whatever was bound', () => {
  const { log, lines } = logger();
  const { waybill } = knownWaybill();
  waybill.consume(DELIVERY, () => {
    bind({ 'a\nb': 'line\r\n{"level":60,"msg":"forged"}', '"}': '"}\n' });
    log.info('m');
  });
  assert.equal(lines.length, 1);
  assert.equal(lines[0]?.indexOf('\n'), (lines[0]?.length ?? 0) - 1);
  assert.equal(JSON.parse(lines[0] ?? '').level, 30);
});

test('a line keeps its level, time and message, though fields of those names are bound', () => {
  const { log, last } = logger({ timestamp: () => ',"time":5' });
  const { waybill } = knownWaybill();
  waybill.consume(DELIVERY, () => {
    bind({ level: 'gold', time: 'noon', msg: 'bound' });
    log.warn('the message');
    assert.deepEqual([last().level, last().time, last().msg], [40, 5, 'the message']);
  });
});

test('a logger that cannot say what it has bound is logged with all the same', () => {
  const { waybill } = knownWaybill();
  const broken = { bindings: () => assert.fail('no') };
  waybill.consume(DELIVERY, () => {
    assert.equal(mixin({}, 30, {})['correlation_id'], 'req_7');
    assert.equal(mixin()['correlation_id'], 'req_7');
    assert.doesNotThrow(() => mixin({}, 30, broken));
  });
});
