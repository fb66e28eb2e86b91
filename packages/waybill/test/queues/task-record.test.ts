import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bind, current, logFields } from '../../src/core/scope.ts';
import { captureTask, enqueueTask, enqueueTasks, runTask } from '../../src/queues/task-record.ts';
import { knownWaybill, TRACE_ID, TRACEPARENT } from '../known-waybill.ts';

const PLACE = { system: 'task_processor', destination: 'task_processor_task', eventType: 'emails.send_receipt' };
/** Through a JSON column, and out of it. */
const stored = (column: unknown): Record<string, unknown> => JSON.parse(JSON.stringify(column));
const request = { operation: 'checkout', tenantId: 'acme' };

describe('enqueueing', () => {
  test('the insert is given the column, and what it returns or throws goes on as it was', async () => {
    const { waybill, of } = knownWaybill();
    assert.equal(
      enqueueTask(PLACE, waybill, () => 7),
      7,
    );
    assert.equal(await enqueueTask(PLACE, waybill, async () => 8), 8);
    const full = new Error('disk full');
    await assert.rejects(
      enqueueTask(PLACE, waybill, () => Promise.reject(full)),
      full,
    );
    assert.deepEqual(
      of('sent').map(({ status }) => status),
      ['taken', 'taken', 'unknown'],
    );
  });

  test('tasks that one statement inserts are a fan-out, each with the column of its own place', () => {
    const { waybill, of } = knownWaybill();
    const tasks = [
      { ...PLACE, column: { own: 1 } },
      { ...PLACE, bindingsKey: 'log_context' },
    ];
    const columns = waybill.ingress(request, () => {
      bind({ order_id: 'ORD-1' });
      return enqueueTasks(
        tasks,
        waybill,
        (made) => made,
        () => [{ status: 'taken' }, { status: 'duplicate' }],
      );
    });
    assert.deepEqual([columns[0]?.['own'], columns[1]?.['log_context']], [1, { order_id: 'ORD-1' }]);
    assert.deepEqual(
      of('sent').map(({ fanout, status }) => [fanout?.index, fanout?.count, status]),
      [
        [0, 2, 'taken'],
        [1, 2, 'duplicate'],
      ],
    );
    columns.forEach((column, at) => {
      runTask({ ...PLACE, column: stored(column) }, waybill, () => assert.equal(current()?.messageId, `msg_${at + 1}`));
    });
  });

  test('what the column holds already stays, and its owner’s object is not touched', () => {
    const { waybill } = knownWaybill();
    const own = Object.freeze({ vendor: { a: 1 } });
    const column = enqueueTask({ ...PLACE, column: own }, waybill, (made) => made);
    assert.deepEqual([column['vendor'], Object.keys(own)], [{ a: 1 }, ['vendor']]);
  });

  test('a column that is captured for a record saved later counts as made, and not as sent', () => {
    const { waybill, of } = knownWaybill();
    const column = waybill.ingress(request, () => captureTask(PLACE, waybill));
    assert.deepEqual(of('sent'), []);
    assert.deepEqual(
      of('created').map(({ message_id, causation_id, destination }) => [message_id, causation_id, destination]),
      [['msg_1', 'req_1', 'task_processor_task']],
    );
    runTask({ ...PLACE, column: stored(column) }, waybill, () => assert.equal(current()?.messageId, 'msg_1'));
  });

  test('all log fields are kept, however many, and secrets keep their key alone', () => {
    const { waybill } = knownWaybill();
    const column = waybill.ingress(request, () => {
      for (let at = 0; at < 300; at++) bind({ [`field_${at}`]: 'x'.repeat(100) });
      bind({ password: 'canary', user: { api_key: 'canary', id: 7 } });
      return captureTask(PLACE, waybill);
    });
    const fields = column['structlog_context'] as Record<string, unknown>;
    assert.equal(Object.keys(fields).length, 302);
    assert.deepEqual([fields['password'], fields['user']], ['[redacted]', { api_key: '[redacted]', id: 7 }]);
    assert.equal(JSON.stringify(column).includes('canary'), false);
  });

  test('log fields that jsonb would refuse do not fail the insert', () => {
    const { waybill } = knownWaybill();
    const column = waybill.ingress(request, () => {
      bind({ 'a\0b': 'c\ud800d', list: ['\0', { deep: '\udc00' }], n: 1 });
      return captureTask(PLACE, waybill);
    });
    assert.deepEqual(column['structlog_context'], {
      'a\ufffdb': 'c\ufffdd',
      list: ['\ufffd', { deep: '\ufffd' }],
      n: 1,
    });
  });

  test('the app’s own log fields in a column for an external system are not touched', () => {
    const { waybill } = knownWaybill({ destinations: { partners: { trust: 'external' } } });
    const column = { structlog_context: { own: 'a\ud800' } };
    assert.deepEqual(captureTask({ system: 's', destination: 'partners', column }, waybill), column);
  });

  test('another key may hold the log fields', () => {
    const { waybill } = knownWaybill();
    const column = waybill.ingress(request, () => {
      bind({ order_id: 'ORD-1' });
      return captureTask({ ...PLACE, bindingsKey: 'log_context' }, waybill);
    });
    assert.deepEqual([column['log_context'], column['structlog_context']], [{ order_id: 'ORD-1' }, undefined]);
    runTask({ ...PLACE, column: stored(column), bindingsKey: 'log_context' }, waybill, () =>
      assert.equal(logFields()['order_id'], 'ORD-1'),
    );
  });
});

describe('running', () => {
  // As json.dumps writes what structlog holds: UUIDs and dates as text, any Unicode as a key, ASCII with spaces.
  const PYTHON = `{"traceparent": "${TRACEPARENT}", "structlog_context": {"organisation_id": 42, "request_id":
    "8c1d3f6e-5f0e-4b8e-9d62-0a1f5b3d7c11", "started_at": "2026-11-03 09:15:02.123456+00:00", "plan": null,
    "Stra\\u00dfe": "K\\u00f6ln", "\\u043a\\u043b\\u044e\\u0447": ["\\u5024", 1.5, true], "\\ud83d\\udd11": {"a b": "\\ud83d\\ude00"}}}`;
  const PYTHON_FIELDS = {
    organisation_id: 42,
    request_id: '8c1d3f6e-5f0e-4b8e-9d62-0a1f5b3d7c11',
    started_at: '2026-11-03 09:15:02.123456+00:00',
    plan: null,
    Straße: 'Köln',
    ключ: ['値', 1.5, true],
    '🔑': { 'a b': '😀' },
  };

  for (const [what, column] of [
    ['an object', JSON.parse(PYTHON)],
    ['text', PYTHON],
  ]) {
    test(`what Python’s structlog wrote is bound while the task runs, and its trace is linked (a column as ${what})`, () => {
      const { waybill, of } = knownWaybill();
      const seen = runTask({ ...PLACE, column, brokerId: '1' }, waybill, () => logFields());
      for (const [name, value] of Object.entries(PYTHON_FIELDS)) assert.deepEqual(seen[name], value, name);
      assert.deepEqual(of('started')[0]?.trace_mode, { mode: 'L', reason: 'w3c_only' });
      assert.equal(of('gap')[0]?.gap.reason, 'w3c_only');
      assert.notEqual(of('started')[0]?.trace_id, TRACE_ID);
    });
  }

  test('where strangers write, their log fields are not bound', () => {
    const { waybill } = knownWaybill();
    const seen = runTask({ ...PLACE, column: PYTHON, trust: 'public' }, waybill, () => logFields());
    assert.equal('organisation_id' in seen, false);
  });

  test('a column of nonsense never stops the task', () => {
    const { waybill, of } = knownWaybill();
    for (const column of [null, undefined, '{"broken', '[]', 7, { waybill: 'x', structlog_context: 'text' }]) {
      assert.equal(
        runTask({ ...PLACE, column }, waybill, () => 'done'),
        'done',
      );
    }
    assert.equal(of('started').length, 6);
  });

  const failing = () => {
    throw new RangeError('no stock');
  };
  const ENDINGS: [what: string, counts: { attempt?: number; maxAttempts?: number }, outcome: string, by: string][] = [
    ['attempts are left: it will run again', { attempt: 1, maxAttempts: 3 }, 'retry', 'maxAttempts'],
    ['the last attempt: it is dead', { attempt: 3, maxAttempts: 3 }, 'dead', 'maxAttempts'],
    ['nobody says how many there are: it failed', { attempt: 1 }, 'failed', 'throw'],
  ];
  for (const [what, counts, outcome, by] of ENDINGS) {
    test(`a task throws, and ${what}`, () => {
      const { waybill, of } = knownWaybill();
      assert.throws(() => runTask({ ...PLACE, column: null, ...counts }, waybill, failing), RangeError);
      assert.deepEqual([of('settled')[0]?.outcome, of('settled')[0]?.by], [outcome, by]);
    });
  }

  test('a runner that knows better says so', () => {
    const { waybill, of } = knownWaybill();
    const record = { ...PLACE, column: null, attempt: 1, maxAttempts: 3 };
    assert.throws(() => runTask(record, waybill, failing, () => ({ outcome: 'dead', by: 'not retryable' })));
    assert.deepEqual([of('settled')[0]?.outcome, of('settled')[0]?.by], ['dead', 'not retryable']);
    runTask(record, waybill, () => {});
    assert.equal(of('settled')[1]?.outcome, 'ok');
  });
});
