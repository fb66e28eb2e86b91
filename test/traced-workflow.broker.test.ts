import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createApp, listen, openSqliteStore } from '@waybill/ledger';
import { Queue } from 'bullmq';
import { Pool } from 'pg';
import { missingBroker } from '../packages/waybill/test/brokers/available.ts';
import { readSpanTree, type SpanTree } from './traced-workflow/span-tree.ts';

const POSTGRES = 'postgres://postgres@127.0.0.1:5432/postgres';
const missing = (await missingBroker('Redis', 6379)) ?? (await missingBroker('PostgreSQL', 5432));
const ROLES = ['web', 'orders', 'invoices', 'remind'] as const;
/** Of OTLP: not the numbers of the API. */
const OTLP_KIND = { server: 2, producer: 4, consumer: 5 };
const EVENTS = ['POST /checkout', 'order.created', 'invoices', 'remind'];

interface Why {
  readonly data: {
    readonly causes: readonly {
      readonly message_id: string;
      readonly event_type: string | null;
      readonly evidence: string;
    }[];
  };
}

async function askWhy(url: string, id: string): Promise<Why> {
  const answer = await fetch(`${url}/api/v1/why?id=${id}`);
  return (await answer.json()) as Why; // sound: as much of the answer's schema as is read
}

/** A ledger that has nothing but the spans of the files: all that a service without Waybill would leave. */
async function ledgerOfSpans(files: readonly string[]) {
  const store = openSqliteStore({ path: ':memory:' });
  const app = createApp({ store, derivation: { settleMs: 500, graceMs: 1_000, againMs: 50, everyMs: 50 } });
  const ledger = await listen(app, { port: 0, hostname: '127.0.0.1' });
  after(() => ledger.close());
  for (const body of files.flatMap((file) => readFileSync(file, 'utf8').trim().split('\n'))) {
    const headers = { 'content-type': 'application/json' };
    const { status } = await fetch(`${ledger.url}/v1/traces`, { method: 'POST', headers, body });
    assert.equal(status, 200);
  }
  return { ledger, store };
}

/** Asks again until it holds, for at most ten seconds: what is derived comes in the background. */
async function eventually<T>(ask: () => T | Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  for (const until = Date.now() + 10_000; ; ) {
    const answer = await ask();
    if (holds(answer) || Date.now() > until) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A request, and what it leads to through BullMQ, pg-boss and graphile-worker: a process each, an SDK each. */
async function runWorkflow() {
  const folder = mkdtempSync(join(tmpdir(), 'traced-'));
  const name = `waybill_traced_${process.pid}`;
  const store = openSqliteStore({ path: join(folder, 'ledger.sqlite') });
  const ledger = await listen(createApp({ store }), { port: 0, hostname: '127.0.0.1' });
  // graphile-worker stops where another schema of its database is migrated.
  const admin = new Pool({ connectionString: POSTGRES, max: 1 });
  await admin.query(`CREATE DATABASE ${name}`);
  const database = new URL(`/${name}`, POSTGRES).href;
  const fileOf = (role: string) => join(folder, `${role}.jsonl`);
  const services = ROLES.map((role) => {
    const env = { ...process.env, LEDGER_URL: ledger.url, SPANS_FILE: fileOf(role), POSTGRES: database, NAME: name };
    return fork(join(import.meta.dirname, 'traced-workflow/service.ts'), [role], { env });
  });
  after(async () => {
    for (const service of services) service.kill('SIGKILL');
    await ledger.close();
    rmSync(folder, { recursive: true });
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
    const queue = new Queue('orders', { connection: { host: '127.0.0.1', port: 6379 }, prefix: name });
    await queue.obliterate({ force: true });
    await queue.close();
  });
  await Promise.all(services.map((service) => told(service, 'ready')));
  const [web] = services;
  const done = told(services.at(-1), 'done');
  web?.send('go');
  await done;
  await Promise.all(services.map(ended));
  return { ledger, store, files: ROLES.map(fileOf) };
}

async function told(service: ChildProcess | undefined, word: string): Promise<void> {
  for (;;) {
    const [said] = await once(service as ChildProcess, 'message'); // sound: one is started for each role
    if (said === word) return;
  }
}

/** It flushes what it has, and ends by itself. */
async function ended(service: ChildProcess): Promise<void> {
  const exit = once(service, 'exit');
  service.disconnect();
  const [code] = await exit;
  assert.equal(code, 0);
}

/** The messages on the way back from a span, the last first: each handler's run, through parents and links. */
function chainOf(tree: SpanTree, from: SpanTree['spans'][number]): (string | undefined)[] {
  const chain: (string | undefined)[] = [];
  for (let span: typeof from | undefined = from; span !== undefined; span = tree.before(span)) {
    if (span.kind === OTLP_KIND.server || span.kind === OTLP_KIND.consumer)
      chain.push(tree.attribute(span, 'waybill.message_id'));
  }
  return chain;
}

if (missing === undefined) {
  const { ledger, store, files } = await runWorkflow();
  const tree = readSpanTree(files);
  const last = tree.spans.find(({ name }) => name === 'process remind');
  assert.ok(last !== undefined, tree.spans.map(({ name }) => name).join(', '));
  const lastId = tree.attribute(last, 'waybill.message_id') ?? '';
  const { data } = await askWhy(ledger.url, lastId);
  const causes = data.causes.map(({ message_id }) => message_id);

  test('the ledger’s chain goes through the three queues to the request', () => {
    assert.deepEqual(
      data.causes.map(({ event_type }) => event_type),
      EVENTS,
    );
  });

  test('the span tree, through parents and links, is the ledger’s chain', () => {
    assert.deepEqual(chainOf(tree, last).toReversed(), causes);
  });

  test('each handler’s run is one span in the tree and one execution in the ledger, under the same ids', async () => {
    const started = (await store.read((reader) => reader.factsOf(causes))).filter(({ kind }) => kind === 'started');
    const runs = tree.spans.filter(({ kind }) => kind === OTLP_KIND.server || kind === OTLP_KIND.consumer);
    assert.deepEqual(
      runs.map(({ traceId, spanId }) => `${traceId} ${spanId}`).sort(),
      started.map(({ trace_id, span_id }) => `${trace_id} ${span_id}`).sort(),
    );
    assert.equal(runs.length, EVENTS.length);
  });

  test('a child is a child and a link a link, as the facts say: a command, another tool’s trace, a delay', async () => {
    const modes = (await store.read((reader) => reader.factsOf(causes))).flatMap((fact) =>
      fact.kind === 'started' ? [fact] : [],
    );
    const shown = modes.map(({ event_type, trace_mode, span_id }) => {
      const span = tree.spans.find(({ spanId }) => spanId === span_id);
      const isChild = span?.parentSpanId !== undefined && span.parentSpanId !== '';
      return [event_type, trace_mode.mode, isChild, span?.links?.length ?? 0];
    });
    assert.deepEqual(shown, [
      ['POST /checkout', 'L', false, 0],
      ['order.created', 'P', true, 0],
      ['invoices', 'L', false, 1],
      ['remind', 'L', false, 1],
    ]);
    assert.equal(new Set(tree.spans.map(({ traceId }) => traceId)).size, 3);
  });

  test('the ledger got the spans as well, and made nothing of them: their services record facts', async () => {
    const traces = [...new Set(tree.spans.map(({ traceId }) => traceId))];
    const kept = async () => (await Promise.all(traces.map((trace) => store.spans.of(trace)))).flat().length;
    assert.equal(await eventually(kept, (count) => count === tree.spans.length), tree.spans.length);
    const due = async () => (await store.spans.due(Number.MAX_SAFE_INTEGER, 10)).length;
    assert.equal(await eventually(due, (count) => count === 0), 0);
    assert.equal((await store.read((reader) => reader.extent())).facts, 3 + 4 + 4); // sends, starts, settlements
  });

  test('a ledger of spans alone comes to the same chain, and calls none of it observed', async () => {
    const other = await ledgerOfSpans(files);
    const due = async () => (await other.store.spans.due(Number.MAX_SAFE_INTEGER, 10)).length;
    assert.equal(await eventually(due, (count) => count === 0), 0);
    const told = await askWhy(other.ledger.url, lastId);
    assert.deepEqual(
      told.data.causes.map(({ message_id, evidence }) => [message_id, evidence]),
      causes.map((id) => [id, 'inferred']),
    );
  });
} else test('one workflow through three queues', { skip: missing }, () => {});
