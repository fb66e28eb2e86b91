// What the ledger takes to keep facts, and to answer: npm run bench:ledger -- --facts 1000000 --json
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openSqliteStore } from '@waybill/ledger';
import type { Fact } from 'waybill';
import { logsBytes } from '../packages/ledger/test/ingest/protobuf/wire-bytes.ts';
import { encodeLogs } from '../packages/waybill/src/recorders/otlp-logs.ts';
import { type Asked, ask } from './ledger-answers.ts';
import { type MadeFacts, makeFacts } from './made-facts.ts';
import { openPlainTable, type PlainTable } from './plain-table.ts';
import { openResults, percentile } from './results.ts';
import { type ServedLedger, serveLedger } from './served-ledger.ts';

const JSON_TYPE = 'application/json';
const PROTOBUF_TYPE = 'application/x-protobuf';
const connections = 4;
const preparedBatches = 40;
const pacedBatches = 100;
const appendedMax = 300_000;
const plainWorkflows = 500;
const plainBatches = 60;
/** What the plain table was seen to do where the targets were written: rows/s, and p50 of a workflow in ms. */
const PLAIN = { perSecond: 160_000, workflowMs: 0.161 };
/** A file of so many facts is asked first at a tenth of them: how an answer grows is told by one run. */
const growthMin = 1_000_000;
const largeMin = 10_000_000;
/** In protobuf, which exporters of other libraries send: so many that the beginning, in which code is cold, counts for little. */
const protobufMax = 400_000;
const answerMsMax: Readonly<Record<string, number>> = {
  ...{ why: 2, 'workflow of 25 messages': 2 },
  ...{ overdue: 50, gaps: 50, failures: 50, queues: 50 },
};

const { values } = parseArgs({ options: { facts: { type: 'string', default: '200000' }, json: { type: 'boolean' } } });
const facts = Number(values.facts);
const leastPerSecond = facts < largeMin ? 60_000 : 40_000;
const { tell, print } = openResults();
const folder = await mkdtemp(join(tmpdir(), 'waybill-bench-'));
try {
  const plain = await measureAppend(join(folder, 'appended.db'));
  await measureProtobuf(join(folder, 'protobuf'), plain);
  await measureIngest(join(folder, 'ingested'), plain);
  plain.close();
} finally {
  await rm(folder, { recursive: true });
}
print(values.json);

/** Beside the plain table, by turns: a slower machine is slower at both. */
async function measureAppend(path: string): Promise<Plain> {
  const made = makeFacts();
  const store = openSqliteStore({ path });
  const table = openPlainTable(`${path}-plain`);
  const [ours, theirs] = [stopwatch(), stopwatch()];
  let appended = 0;
  while (appended < Math.min(facts, appendedMax)) {
    const batches = Array.from({ length: connections }, () => made.nextBatch());
    await ours.time(() => Promise.all(batches.map((batch) => store.append(batch))));
    for (const batch of batches) await theirs.time(() => table.insert(batch));
    appended += batches.flat().length;
  }
  await store.close();
  tell('append facts/s', appended / ours.seconds());
  tell('append CPU µs a fact', ours.cpu() / appended);
  tell('plain table CPU µs a fact', theirs.cpu() / appended);
  tell('append CPU, of the plain table', ours.cpu() / theirs.cpu(), 1.5);
  return { measure: () => measurePlain(table, made), close: table.close };
}

/** A machine becomes slower and faster within minutes: so it is measured again beside whatever is held against it. */
async function measurePlain(table: PlainTable, made: MadeFacts): Promise<PlainSpeed> {
  const inserting = stopwatch();
  let inserted = 0;
  for (let count = 0; count < plainBatches; count++) {
    const batch = made.nextBatch();
    await inserting.time(() => table.insert(batch));
    inserted += batch.length;
  }
  const taken = made.samples.slice(0, plainWorkflows).map(({ correlationId }) => {
    const began = performance.now();
    table.workflow(correlationId);
    return performance.now() - began;
  });
  const speed = { perSecond: inserted / inserting.seconds(), workflowMs: percentile(taken, 0.5) };
  tell('plain table facts/s', speed.perSecond);
  tell('plain table, a workflow p50 ms', speed.workflowMs);
  return speed;
}

/** What the plain table does here. */
interface PlainSpeed {
  readonly perSecond: number;
  readonly workflowMs: number;
}

interface Plain {
  measure(): Promise<PlainSpeed>;
  close(): void;
}

function stopwatch() {
  let [milliseconds, cpu] = [0, 0];
  return {
    async time(work: () => unknown): Promise<void> {
      const [began, used] = [performance.now(), process.cpuUsage()];
      await work();
      milliseconds += performance.now() - began;
      cpu += microsecondsOf(process.cpuUsage(used));
    },
    seconds: () => milliseconds / 1_000,
    cpu: () => cpu,
  };
}

async function measureProtobuf(data: string, plain: Plain): Promise<void> {
  const made = makeFacts();
  const served = await serveLedger(data);
  const before = await plain.measure();
  const perSecond = await ingest(made, served, Math.min(facts, protobufMax), PROTOBUF_TYPE);
  const { cpuSeconds } = await served.usage();
  await served.close();
  tell('ingest in protobuf facts/s', perSecond);
  tellIngest('ingest in protobuf', perSecond, before, await plain.measure());
  tell('ingest in protobuf CPU µs a fact', (cpuSeconds * 1e6) / (await factsIn(served.path)));
}

async function measureIngest(data: string, plain: Plain): Promise<void> {
  const made = makeFacts();
  const served = await serveLedger(data);
  const { path } = served;
  let [count, small] = [facts, undefined as Asked | undefined];
  if (facts >= growthMin) {
    const first = facts / 10;
    tell(`ingest over OTLP/HTTP facts/s, first ${first}`, await ingest(made, served, first), leastPerSecond, 'least');
    [count, small] = [facts - first, await ask(path, made)];
  }
  const before = await plain.measure();
  const ingested = await ingest(made, served, count);
  const after = await plain.measure();
  tell('ingest over OTLP/HTTP facts/s', ingested, leastPerSecond, 'least');
  tellIngest('ingest over OTLP/HTTP', ingested, before, after);
  await measurePaced(made, served, ingested / 2);
  const { cpuSeconds, residentBytes } = await served.usage();
  tell('ingest CPU µs a fact', (cpuSeconds * 1e6) / (await factsIn(path)));
  tell('resident MB', residentBytes / 1e6, 300);
  await served.close();
  tell('bytes a fact', (await stat(path)).size / (await factsIn(path)), 170);
  const now = await plain.measure();
  const asked = await ask(path, made);
  tellAnswers(asked, small);
  for (const name of ['why', 'workflow of 25 messages']) {
    const p99 = percentile(asked.get(name)?.taken ?? [], 0.99);
    tell(`${name} p99, in workflows of the plain table`, p99 / now.workflowMs, 2 / PLAIN.workflowMs);
  }
}

/** Against the plain table before and after. */
function tellIngest(name: string, perSecond: number, before: PlainSpeed, after: PlainSpeed): void {
  const plainPerSecond = (before.perSecond + after.perSecond) / 2;
  tell(`${name}, of the plain table`, perSecond / plainPerSecond, leastPerSecond / PLAIN.perSecond, 'least');
}

/** Bodies are made beside the clock: it is the ledger that is measured. */
async function ingest(made: MadeFacts, served: ServedLedger, count: number, type = JSON_TYPE): Promise<number> {
  let posted = 0;
  let seconds = 0;
  while (posted < count) {
    const batches = Array.from({ length: preparedBatches }, () => made.nextBatch());
    const bodies = batches.map((batch) => bodyOf(batch, type));
    const began = performance.now();
    await Promise.all(Array.from({ length: connections }, () => postAll(bodies, served, type)));
    seconds += (performance.now() - began) / 1_000;
    posted += batches.flat().length;
  }
  return posted / seconds;
}

/** As the library's own recorder sends them, or the same in protobuf. */
function bodyOf(batch: readonly Fact[], type: string): Buffer {
  const json = encodeLogs(batch);
  return type === PROTOBUF_TYPE ? logsBytes(JSON.parse(json)) : Buffer.from(json);
}

async function postAll(bodies: Buffer[], served: ServedLedger, type: string): Promise<void> {
  for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) await served.post(body, type);
}

/** How long an export waits for its answer when they come evenly, and not as fast as they can. */
async function measurePaced(made: MadeFacts, served: ServedLedger, perSecond: number): Promise<void> {
  const batches = Array.from({ length: pacedBatches }, () => made.nextBatch());
  const bodies = batches.map((batch) => bodyOf(batch, JSON_TYPE));
  const betweenMs = (1_000 * batches.flat().length) / pacedBatches / perSecond;
  const began = performance.now();
  const waits = bodies.map(async (body, index) => {
    const due = began + index * betweenMs;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    await served.post(body, JSON_TYPE);
    return performance.now() - due;
  });
  tell('ack p99 ms at half that load', percentile(await Promise.all(waits), 0.99), 100);
}

function tellAnswers(asked: Asked, small: Asked | undefined): void {
  for (const [name, { taken, cpu }] of asked) {
    tell(`${name} p50 ms`, percentile(taken, 0.5));
    tell(`${name} p99 ms`, percentile(taken, 0.99), answerMsMax[name] ?? null);
    tell(`${name} CPU p50 ms`, percentile(cpu, 0.5));
    const before = small?.get(name);
    if (before !== undefined) tell(`${name} growth`, percentile(taken, 0.5) / percentile(before.taken, 0.5), 2);
  }
}

async function factsIn(path: string): Promise<number> {
  const store = openSqliteStore({ path });
  const { facts: count } = await store.read((reader) => reader.extent());
  await store.close();
  return count;
}

function microsecondsOf({ user, system }: { readonly user: number; readonly system: number }): number {
  return user + system;
}
