import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Runner, Task, TaskSpec, WorkerUtils } from 'graphile-worker';
import {
  bind,
  type Context,
  createWaybill,
  current,
  logFields,
  memoryRecorder,
  type SentFact,
  type SettledFact,
  type StartedFact,
} from '../../src/index.ts';
import { readPayloadField } from '../../src/layouts/payload-field.ts';
import { instrumentUtils, wrapTaskList } from '../../src/queues/graphile-worker.ts';
import { missingBroker } from '../brokers/available.ts';
import { type GraphileSchema, makeSchema } from './graphile-worker-subject.ts';

const missing = await missingBroker('PostgreSQL', 5432);

describe('what is special to graphile-worker', { skip: missing ?? false }, () => {
  const recorder = memoryRecorder();
  let wake = () => {};
  const record = (fact: (typeof recorder.facts)[number]) => {
    recorder.record(fact);
    wake();
  };
  const waybill = createWaybill({ service: 'test', namespace: 'test', recorder: { record } });
  const request = <R>(work: () => R) => waybill.ingress({ operation: 'checkout', tenantId: 'acme' }, work);
  const facts = <F>(kind: string) =>
    recorder.facts.filter((fact) => fact.kind === kind && fact.kind !== 'dropped' && fact.system !== 'http') as F[];
  const sent = () => facts<SentFact>('sent');
  const started = () => facts<StartedFact>('started');
  const settled = () => facts<SettledFact>('settled');
  let schema: GraphileSchema;
  let utils: WorkerUtils;
  let count = 0;
  let name = '';

  before(async () => {
    schema = await makeSchema('postgres://postgres@127.0.0.1:5432/postgres');
    utils = instrumentUtils(await schema.makeUtils(), waybill);
  });
  after(async () => {
    await utils.release();
    await schema.drop();
  });
  beforeEach(() => {
    name = `special-${++count}`;
    recorder.clear();
  });

  async function untilSettled(executions: number): Promise<void> {
    while (settled().length < executions) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  /** Works on the test's own task until so many of its messages are settled. */
  async function workUntil(executions: number, task: Task<string>): Promise<void> {
    await whileWorking(await schema.work(wrapTaskList({ [name]: task }, waybill)), executions);
  }

  async function whileWorking(runner: Runner, executions: number): Promise<void> {
    await untilSettled(executions);
    await runner.stop();
  }

  /** The test's own job, once the library has let go of it: a runner stops before its last failure is written. */
  async function freedRow(): Promise<{ id: string; run_at: Date }> {
    for (;;) {
      const query = `SELECT id, run_at FROM ${schema.schema}.jobs WHERE task_identifier = $1 AND locked_at IS NULL`;
      const [row] = (await schema.pool.query(query, [name])).rows;
      if (row !== undefined) return row;
    }
  }

  const add = (payload: unknown, spec: TaskSpec = {}) => request(() => utils.addJob(name, payload, spec));
  const idIn = (payload: unknown) => {
    const { envelope } = readPayloadField(payload);
    return typeof envelope === 'object' && 'messageId' in envelope ? envelope.messageId : undefined;
  };

  test('arrays that one key has joined are messages of one batch, each with its own workflow', async () => {
    await add([{ x: 1 }], { jobKey: name });
    await add([{ x: 2 }, { x: 3 }], { jobKey: name });
    const [first, second] = sent();
    assert.deepEqual([first?.status, second?.status], ['taken', 'taken']);
    assert.equal(first?.broker_id, second?.broker_id);
    let seen: unknown;
    await workUntil(2, (payload) => {
      seen = [payload, current()?.messageId.slice(0, 4)];
    });
    assert.deepEqual(seen, [[{ x: 1 }, { x: 2 }, { x: 3 }], 'bat_']);
    assert.deepEqual(
      settled().map(({ message_id, correlation_id, outcome }) => [message_id, correlation_id, outcome]),
      [first, second].map((fact) => [fact?.message_id, fact?.correlation_id, 'ok']),
    );
    assert.equal(new Set(settled().map(({ execution_id }) => execution_id)).size, 1);
  });

  test('of a batch that fails in part only the message of the failed element is tried again, and as the same message', async () => {
    await add([{ x: 1 }], { jobKey: name });
    await add([{ x: 2 }, { x: 3 }], { jobKey: name });
    const [first, second] = sent();
    const payloads: unknown[] = [];
    await workUntil(3, (payload) => {
      payloads.push(payload);
      if (payloads.length > 1) return undefined;
      return (payload as { x: number }[]).map(async ({ x }) => {
        if (x === 3) throw new RangeError('no stock');
      });
    });
    assert.deepEqual(payloads, [[{ x: 1 }, { x: 2 }, { x: 3 }], [{ x: 3 }]]);
    assert.deepEqual(
      settled().map(({ message_id, attempt, outcome, error }) => [message_id, attempt, outcome, error?.message]),
      [
        [first?.message_id, 1, 'ok', undefined],
        [second?.message_id, 1, 'retry', 'no stock'],
        [second?.message_id, 2, 'ok', undefined],
      ],
    );
    assert.equal(settled()[2]?.causation_id, second?.causation_id);
  });

  test('an array of one message is no batch, and what its elements do is not late', async () => {
    await add([{ x: 1 }, { x: 2 }]);
    const lines: Record<string, unknown>[] = [];
    await workUntil(1, async (payload, { addJob }) =>
      (payload as object[]).map(async (element) => {
        await new Promise(setImmediate);
        lines.push(logFields());
        await addJob('nobody', element);
      }),
    );
    const [job, ...inner] = sent();
    assert.deepEqual(
      lines.map(({ message_id, late }) => [message_id, late]),
      [
        [job?.message_id, undefined],
        [job?.message_id, undefined],
      ],
    );
    assert.deepEqual(
      inner.map(({ causation_id, late }) => [causation_id, late]),
      [
        [job?.message_id, undefined],
        [job?.message_id, undefined],
      ],
    );
  });

  test('a key that replaces lets the new message run under the old id, and one that keeps makes it a duplicate', async () => {
    const modes = [
      ['replace', 'taken', 2],
      ['preserve_run_at', 'taken', 2],
      ['unsafe_dedupe', 'duplicate', 1],
    ] as const;
    for (const [jobKeyMode, status, runs] of modes) {
      name = `special-${++count}`;
      recorder.clear();
      for (const x of [1, 2]) await add({ x }, { jobKey: name, jobKeyMode });
      const [first, second] = sent();
      assert.deepEqual([first?.status, second?.status, second?.dedup_key], ['taken', status, name], jobKeyMode);
      assert.equal(second?.broker_id, first?.broker_id, jobKeyMode);
      let payload: unknown;
      await workUntil(1, (received) => {
        payload = received;
      });
      const [execution] = started();
      assert.deepEqual(payload, { x: runs }, jobKeyMode);
      assert.equal(execution?.message_id, (runs === 1 ? first : second)?.message_id, jobKeyMode);
      assert.deepEqual([execution?.attempt, execution?.redelivered], [1, false], jobKeyMode);
    }
  });

  test('in a bulk every message is told the id of its own row, in whatever order the database makes them', async () => {
    const specs = Array.from({ length: 30 }, (_, x) => ({ identifier: `${name}-${x % 3}`, payload: { x } }));
    await request(() => utils.addJobs(specs));
    const { rows } = await schema.pool.query(`SELECT id, payload FROM ${schema.schema}._private_jobs`);
    const ids = new Map(rows.map(({ id, payload }) => [idIn(payload), id]));
    assert.equal(sent().length, 30);
    for (const { message_id, broker_id } of sent()) assert.equal(broker_id, ids.get(message_id));
    await utils.completeJobs(rows.map(({ id }) => id));
  });

  test('a bulk goes through jsonb, which ours never disturbs: what the bindings hold is safe, what the payload holds is not', async () => {
    const specs = (text: string) => [
      { identifier: name, payload: { text } },
      { identifier: name, payload: { text } },
    ];
    await request(() => {
      bind({ order_id: 'ORD-1', hostile: 'a\u0000b\ud800' });
      return utils.addJobs(specs('plain'));
    });
    await assert.rejects(
      request(() => utils.addJobs(specs('a\u0000b'))),
      /unsupported Unicode escape sequence/,
    );
    assert.deepEqual(
      sent().map(({ status }) => status),
      ['taken', 'taken', 'unknown', 'unknown'],
    );
    await workUntil(2, () => {});
  });

  test('no payload is the empty object that the library makes of it, and one that is no object goes as it is, with a gap', async () => {
    const payloads: unknown[] = [];
    for (const payload of [undefined, null, 'text', 7, [1, 2]]) await add(payload);
    await request(() => utils.addJobs([{ identifier: name, payload: undefined }]));
    await workUntil(6, (payload) => void payloads.push(payload));
    assert.deepEqual(payloads, [{}, {}, 'text', 7, [1, 2], {}]);
    assert.equal(recorder.facts.filter(({ kind }) => kind === 'gap').length, 6);
  });

  test('what a task adds with its helpers names the job as its cause', async () => {
    await add({ x: 1 });
    const contexts: (Context | undefined)[] = [];
    await workUntil(1, async (_payload, { addJob, addJobs }) => {
      contexts.push(current());
      await addJob('nobody', { x: 2 });
      await addJobs([
        { identifier: 'nobody', payload: { x: 3 } },
        { identifier: 'nobody', payload: { x: 4 } },
      ]);
    });
    const [job, ...inner] = sent();
    assert.equal(inner.length, 3);
    for (const { causation_id, correlation_id, by_execution_id } of inner) {
      assert.deepEqual([causation_id, correlation_id], [job?.message_id, job?.correlation_id]);
      assert.equal(by_execution_id, contexts[0]?.executionId);
    }
  });

  test('a job that an operator reschedules after its last attempt is the same message, delivered again', async () => {
    await add({ x: 1 }, { maxAttempts: 1 });
    await workUntil(1, () => Promise.reject(new Error('no stock')));
    const [job] = sent();
    assert.deepEqual([settled()[0]?.outcome, settled()[0]?.by], ['dead', 'max_attempts']);
    // The utils leave a count of 0 out; the function in the database does not.
    const { id } = await freedRow();
    const reschedule = `SELECT ${schema.schema}.reschedule_jobs($1::bigint[], run_at := now(), attempts := 0)`;
    await schema.pool.query(reschedule, [[id]]);
    await workUntil(2, () => {});
    const [, again] = started();
    assert.deepEqual([again?.message_id, again?.causation_id], [job?.message_id, job?.causation_id]);
    assert.deepEqual([again?.redelivered, again?.trace_mode.reason], [true, 'redelivery']);
  });

  test('a retry says when it will come, and that is when the library runs it', async () => {
    const jobs = `${schema.schema}._private_jobs`;
    await schema.pool.query(`ALTER TABLE ${jobs} DISABLE TRIGGER run_at_once`);
    await add({ x: 1 });
    await workUntil(1, () => Promise.reject(new Error('no stock')));
    const { run_at: runAt, id } = await freedRow();
    await schema.pool.query(`ALTER TABLE ${jobs} ENABLE TRIGGER run_at_once`);
    await utils.completeJobs([id]);
    const late = runAt.getTime() - (settled()[0]?.retry_at ?? 0);
    assert.ok(late >= -2 && late < 2000, `the library runs it ${late} ms after that`);
  });
});
