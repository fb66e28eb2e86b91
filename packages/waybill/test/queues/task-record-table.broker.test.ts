import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { bind, current, logFields } from '../../src/core/scope.ts';
import { readTraceHeaders } from '../../src/core/w3c.ts';
import { enqueueTask, runTask } from '../../src/queues/task-record.ts';
import { missingBroker } from '../brokers/available.ts';
import { knownWaybill, TRACEPARENT } from '../known-waybill.ts';
import { type TaskRow, taskTable } from './task-table.ts';

const missing = await missingBroker('PostgreSQL', 5432);

const IDENTITY = ['attempt', 'causation_id', 'correlation_id', 'execution_id', 'message_id', 'operation', 'tenant_id'];

describe('the record of a task in a real table', { skip: missing ?? false }, () => {
  const tasks = taskTable();
  before(() => tasks.create());
  after(() => tasks.drop());

  const enqueue = ({ waybill }: ReturnType<typeof knownWaybill>, identifier: string, fields: object) =>
    waybill.ingress({ operation: 'checkout', tenantId: 'acme' }, async () => {
      bind({ ...fields });
      const place = { system: 'task_processor', destination: 'tasks', eventType: identifier };
      const id = await enqueueTask(place, waybill, (column) => tasks.insert(identifier, { a: 1 }, column));
      assert.ok(id !== undefined);
      return id;
    });

  /** One worker takes the next task, and says what it logged. */
  async function runNext({ waybill }: ReturnType<typeof knownWaybill>, identifier: string, fails = false) {
    const row = (await tasks.take(identifier, 3)) as TaskRow; // enqueued before
    const record = {
      system: 'task_processor',
      destination: 'tasks',
      column: row.trace_context,
      attempt: row.num_failures + 1,
      maxAttempts: 3,
      brokerId: row.uuid,
    };
    let line: Record<string, unknown> = {};
    const failed = await Promise.resolve(
      runTask(record, waybill, async () => {
        line = logFields();
        bind({ step: 'charged' });
        if (fails) throw new Error('no stock');
      }),
    ).then(
      () => false,
      () => true,
    );
    await (failed ? tasks.fail(row.id) : tasks.complete(row.id));
    return line;
  }

  test('the log fields lie on the record as soon as it is enqueued, beside W3C’s keys', async () => {
    const known = knownWaybill();
    const column = await tasks.columnOf(await enqueue(known, 'persisted', { order_id: 'ORD-1', token: 'canary' }));
    assert.deepEqual(column?.['structlog_context'], { order_id: 'ORD-1', token: '[redacted]' });
    const { baggage } = readTraceHeaders(undefined, undefined, column?.['baggage'] as string);
    assert.equal(baggage, 'waybill.correlation_id=req_1');
  });

  test('a reader that knows only W3C reads its trace in the column', async () => {
    const known = knownWaybill({ originateTrace: true });
    const column = await tasks.columnOf(await enqueue(known, 'w3c', {}));
    const { traceparent } = readTraceHeaders(column?.['traceparent'] as string, undefined, undefined);
    assert.match(traceparent ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });

  for (const fails of [false, true]) {
    test(`of two tasks on one worker the second logs nothing of the first, which ${fails ? 'raised' : 'returned'}`, async () => {
      const known = knownWaybill();
      const identifier = `sequence-${fails}`;
      await enqueue(known, identifier, { order_id: 'ORD-1', only_first: true });
      await tasks.pool.query(
        `INSERT INTO ${tasks.table} (task_identifier, scheduled_for) VALUES ($1, now() + interval '1 ms')`,
        [`${identifier}-bare`],
      );
      const first = await runNext(known, identifier, fails);
      assert.equal(logFields()['order_id'], undefined, 'after the task');
      assert.equal(current(), undefined);
      const second = await runNext(known, `${identifier}-bare`);
      assert.deepEqual([first['order_id'], first['only_first']], ['ORD-1', true]);
      assert.deepEqual(
        Object.keys(second).filter((name) => !IDENTITY.includes(name)),
        ['trace_id'],
      );
    });
  }

  test('a retry is the same message with the log fields of the enqueueing, not those of its first attempt', async () => {
    const known = knownWaybill();
    await enqueue(known, 'retried', { order_id: 'ORD-1' });
    const first = await runNext(known, 'retried', true);
    const second = await runNext(known, 'retried');
    for (const name of ['message_id', 'correlation_id', 'causation_id', 'order_id'])
      assert.equal(second[name], first[name]);
    assert.notEqual(second['execution_id'], first['execution_id']);
    assert.deepEqual([second['attempt'], second['step']], [2, undefined]);
  });

  test('what Python wrote into the column is bound here', async () => {
    const known = knownWaybill();
    const column = { traceparent: TRACEPARENT, structlog_context: { организация: 42, id: 'a-uuid' } };
    await tasks.insert('from-python', {}, JSON.stringify(column));
    const line = await runNext(known, 'from-python');
    assert.deepEqual([line['организация'], line['id']], [42, 'a-uuid']);
  });

  const withoutPython = spawnSync('python3', ['--version']).error?.message ?? false;
  test('what we wrote is JSON that Python reads, of any alphabet', { skip: withoutPython }, async () => {
    const known = knownWaybill();
    const fields = {
      ключ: '値',
      '🔑': ['😀', 1.5, null],
      'a "b"': { nested: 'Köln\n' },
      half: 'a\ud800b',
      nul: 'a\0b',
    };
    const id = await enqueue(known, 'to-python', fields);
    const { rows } = await tasks.pool.query(`SELECT trace_context::text AS text FROM ${tasks.table} WHERE id = $1`, [
      id,
    ]);
    const read = execFileSync('python3', ['-c', PYTHON_READER], { input: rows[0].text, encoding: 'utf8' });
    assert.deepEqual(JSON.parse(read), {
      bound: { ...fields, half: 'a\ufffdb', nul: 'a\ufffdb' },
      keys: ['baggage', 'structlog_context', 'waybill'],
      message: 'msg_1',
    });
  });
});

/** A worker in Python: it binds what is under structlog_context, and may look at the waybill too. */
const PYTHON_READER = `
import json, sys
column = json.loads(sys.stdin.buffer.read().decode("utf-8"))
print(json.dumps({
    "bound": column["structlog_context"],
    "keys": sorted(column),
    "message": json.loads(column["waybill"])["message_id"],
}))
`;
