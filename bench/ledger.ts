// What the ledger takes to keep facts, and to answer: npm run bench:ledger -- --facts 1000000 --json
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createApp, type FactStore, openSqliteStore } from '@waybill/ledger';
import { encodeLogs } from '../packages/waybill/src/recorders/otlp-logs.ts';
import { type MadeFacts, makeFacts } from './made-facts.ts';
import { type ServedLedger, serveLedger } from './served-ledger.ts';

interface Result {
  readonly name: string;
  readonly value: number;
  /** Null where it is told beside others, and aimed at by none. */
  readonly target: number | null;
  readonly met: boolean | null;
}

type Bound = 'least' | 'most';

const connections = 4;
const preparedBatches = 40;
const pacedBatches = 100;
const appendedMax = 300_000;
const askedTimes = 1_000;
/** The last that were made may still wait for a batch to be full. */
const unsentSamples = 50;
/** A file of so many facts is asked first at a tenth of them: how an answer grows is told by one run. */
const growthMin = 10_000_000;
const answerMsMax: Readonly<Record<string, number>> = { why: 2, 'workflow of 25 messages': 2 };

const { values } = parseArgs({ options: { facts: { type: 'string', default: '200000' }, json: { type: 'boolean' } } });
const facts = Number(values.facts);
const results: Result[] = [];
const folder = await mkdtemp(join(tmpdir(), 'waybill-bench-'));
try {
  await measureAppend(join(folder, 'appended.db'));
  await measureIngest(join(folder, 'ingested.db'));
} finally {
  await rm(folder, { recursive: true });
}
print();

function tell(name: string, value: number, target: number | null = null, bound: Bound = 'most'): void {
  const met = target === null ? null : bound === 'most' ? value <= target : value >= target;
  results.push({ name, value: Number(value.toPrecision(4)), target, met });
}

async function measureAppend(path: string): Promise<void> {
  const made = makeFacts();
  const store = openSqliteStore({ path });
  let appended = 0;
  let seconds = 0;
  let cpu = 0;
  while (appended < Math.min(facts, appendedMax)) {
    const batches = Array.from({ length: connections }, () => made.nextBatch());
    const [began, used] = [performance.now(), process.cpuUsage()];
    await Promise.all(batches.map((batch) => store.append(batch)));
    seconds += (performance.now() - began) / 1_000;
    cpu += microsecondsOf(process.cpuUsage(used));
    appended += batches.flat().length;
  }
  await store.close();
  tell('append facts/s', appended / seconds);
  tell('append CPU µs a fact', cpu / appended);
}

async function measureIngest(path: string): Promise<void> {
  const made = makeFacts();
  const served = await serveLedger(path);
  const perSecond = await ingest(made, served, facts < growthMin ? facts : facts / 10);
  let [ingested, small] = [perSecond, undefined as Asked | undefined];
  if (facts >= growthMin) {
    tell(`ingest over OTLP/HTTP facts/s, first ${facts / 10}`, perSecond, 60_000, 'least');
    small = await ask(path, made);
    ingested = await ingest(made, served, facts - facts / 10);
  }
  tell('ingest over OTLP/HTTP facts/s', ingested, facts < growthMin ? 60_000 : 40_000, 'least');
  await measurePaced(made, served, ingested / 2);
  const { cpu, residentBytes } = await served.usage();
  tell('ingest CPU µs a fact', microsecondsOf(cpu) / (await factsIn(path)));
  tell('resident MB', residentBytes / 1e6, 300);
  await served.close();
  tell('bytes a fact', (await stat(path)).size / (await factsIn(path)), 170);
  tellAnswers(await ask(path, made), small);
}

/** Bodies are made beside the clock: it is the ledger that is measured. */
async function ingest(made: MadeFacts, served: ServedLedger, count: number): Promise<number> {
  let posted = 0;
  let seconds = 0;
  while (posted < count) {
    const batches = Array.from({ length: preparedBatches }, () => made.nextBatch());
    const bodies = batches.map(encodeLogs);
    const began = performance.now();
    await Promise.all(Array.from({ length: connections }, () => postAll(bodies, served)));
    seconds += (performance.now() - began) / 1_000;
    posted += batches.flat().length;
  }
  return posted / seconds;
}

async function postAll(bodies: string[], served: ServedLedger): Promise<void> {
  for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) await served.post(body);
}

/** How long an export waits for its answer when they come evenly, and not as fast as they can. */
async function measurePaced(made: MadeFacts, served: ServedLedger, perSecond: number): Promise<void> {
  const batches = Array.from({ length: pacedBatches }, () => made.nextBatch());
  const bodies = batches.map(encodeLogs);
  const betweenMs = (1_000 * batches.flat().length) / pacedBatches / perSecond;
  const began = performance.now();
  const waits = bodies.map(async (body, index) => {
    const due = began + index * betweenMs;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    await served.post(body);
    return performance.now() - due;
  });
  tell('ack p99 ms at half that load', percentile(await Promise.all(waits), 0.99), 100);
}

type Asked = ReadonlyMap<string, readonly number[]>;

async function ask(path: string, made: MadeFacts): Promise<Asked> {
  const store = openSqliteStore({ path });
  const app = createApp({ store });
  const samples = Array.from({ length: askedTimes }, (_, index) => {
    // Spread over all that there is, and an odd step meets each kind of id.
    return made.samples[Math.floor((index * (made.samples.length - unsentSamples)) / askedTimes)];
  }).filter((sample) => sample !== undefined);
  const asked = new Map<string, readonly number[]>();
  const times = async (name: string, answer: (sample: (typeof samples)[number], index: number) => unknown) => {
    const taken: number[] = [];
    for (const [index, sample] of samples.entries()) {
      const began = performance.now();
      await answer(sample, index);
      taken.push(performance.now() - began);
    }
    asked.set(name, taken);
  };
  await times('find', (sample, index) => store.read((reader) => reader.find(idOf(sample, index), 10)));
  await times('find by an ending', ({ messageId }) => store.read((reader) => reader.find(messageId.slice(-6), 10)));
  await times('workflow of 25 messages', ({ correlationId }) => factsOfWorkflow(store, correlationId));
  await times('why', async (sample, index) => {
    const answer = await app.request(`/api/v1/why?id=${idOf(sample, index)}`);
    if (answer.status !== 200) throw new Error(`why answered ${answer.status}: ${await answer.text()}`);
  });
  await app.close();
  return asked;
}

function idOf({ messageId, executionId, brokerId }: MadeFacts['samples'][number], index: number): string {
  return [messageId, executionId, brokerId][index % 3] ?? messageId;
}

async function factsOfWorkflow(store: FactStore, correlationId: string): Promise<void> {
  const facts = await store.read((reader) => reader.factsOf(reader.messagesOf(correlationId, 100)));
  if (facts.length < 25) throw new Error(`the workflow ${correlationId} is not whole`);
}

function tellAnswers(asked: Asked, small: Asked | undefined): void {
  for (const [name, taken] of asked) {
    tell(`${name} p50 ms`, percentile(taken, 0.5));
    tell(`${name} p99 ms`, percentile(taken, 0.99), answerMsMax[name] ?? null);
    const before = small?.get(name);
    if (before !== undefined) tell(`${name} growth`, percentile(taken, 0.5) / percentile(before, 0.5), 2);
  }
}

async function factsIn(path: string): Promise<number> {
  const store = openSqliteStore({ path });
  const { facts: count } = await store.read((reader) => reader.extent());
  await store.close();
  return count;
}

function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function microsecondsOf({ user, system }: { readonly user: number; readonly system: number }): number {
  return user + system;
}

function print(): void {
  if (values.json) {
    console.log(JSON.stringify({ results }));
    return;
  }
  for (const { name, value, target, met } of results) {
    const aim = target === null ? '' : `${met ? 'met' : 'missed'}, ${target}`;
    console.log(`  ${name.padEnd(50)} ${String(value).padStart(9)}  ${aim}`);
  }
}
