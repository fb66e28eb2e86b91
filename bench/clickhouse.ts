// What the ledger takes to keep facts in ClickHouse, and to answer: npm run bench:clickhouse -- --facts 1000000 --json
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createApp, type FactStore, openClickhouseStore } from '@waybill/ledger';
import { startEngine } from '../packages/ledger/test/clickhouse-engine/engine.ts';
import { makeFacts, type Sample } from './made-facts.ts';
import { openResults, percentile } from './results.ts';

const senders = 16;
const askedTimes = 300;
/** Those that are asked first find nothing at hand: connections, code and caches are not what is measured. */
const warmUpTimes = 20;
const windowTimes = 40;
/** The last that were made may still wait for a batch to be full. */
const unsentSamples = 50;
const answerMsMax = 50;
const bytesMax = 65;
const hourMs = 3_600_000;
const msPerTick = 10;

const { values } = parseArgs({
  options: { facts: { type: 'string', default: '200000' }, url: { type: 'string' }, json: { type: 'boolean' } },
});
const { tell, print } = openResults();
const engine = values.url === undefined ? await startEngine() : undefined;
const url = values.url ?? (await engine?.database('bench')) ?? '';
try {
  const store = await openClickhouseStore({ url });
  const made = await append(store, Number(values.facts));
  await merge();
  const { facts, until } = await store.read((reader) => reader.extent());
  tell('bytes a fact', (await store.upkeep.sizes()).bytes / facts, bytesMax);
  await ask(store, made, until ?? 0);
  await store.close();
} finally {
  await engine?.stop();
}
print(values.json);

/** As services send them: each waits for its answer before it sends more. */
async function append(store: FactStore, facts: number): Promise<readonly Sample[]> {
  const made = makeFacts();
  const waits: number[] = [];
  let appended = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: senders }, async () => {
      while (appended < facts) {
        const batch = made.nextBatch();
        appended += batch.length;
        const sentAt = performance.now();
        await store.append(batch);
        waits.push(performance.now() - sentAt);
      }
    }),
  );
  tell('append facts/s', (appended * 1_000) / (performance.now() - began));
  tell('acknowledgement p99 ms', percentile(waits, 0.99));
  const { groups, rows } = await store.upkeep.commits();
  tell('facts in one insert', rows / groups);
  return made.samples.slice(0, -unsentSamples);
}

/** As ClickHouse does by itself in time: files are measured as they stay. */
async function merge(): Promise<void> {
  const { pathname, origin } = new URL(url);
  for (const table of ['facts', 'ids', 'endings']) {
    const statement = `OPTIMIZE TABLE ${pathname.slice(1)}.${table} FINAL`;
    const merged = await fetch(origin, { method: 'POST', body: statement });
    if (!merged.ok) throw new Error(await merged.text());
  }
}

async function ask(store: FactStore, samples: readonly Sample[], until: number): Promise<void> {
  const app = createApp({ store });
  const get = async (question: string, parameters: Readonly<Record<string, string>>) => {
    const answer = await app.request(`/api/v1/${question}?${new URLSearchParams(parameters)}`);
    if (answer.status !== 200) throw new Error(`${question} answered ${answer.status}: ${await answer.text()}`);
  };
  const of = (index: number) => samples[Math.floor((index * samples.length) / askedTimes)] ?? samples[0];
  await timed('find', askedTimes, (index) => store.read((reader) => reader.find(idOf(of(index), index), 10)));
  await timed('why', askedTimes, (index) => get('why', { id: idOf(of(index), index) }));
  await timed('why by an ending', askedTimes, (index) => get('why', { id: of(index)?.messageId.slice(-8) ?? '' }));
  await timed('trace of 25 messages', askedTimes, (index) => get('trace', { id: of(index)?.correlationId ?? '' }));
  const window = { since: instant(until - hourMs), as_of: instant(until) };
  for (const question of ['gaps', 'overdue', 'failures', 'queues', 'tail'])
    await timed(`${question} of the last hour`, windowTimes, () => get(question, window));
}

async function timed(name: string, times: number, answer: (index: number) => Promise<unknown>): Promise<void> {
  const taken: number[] = [];
  let cpu = 0;
  for (let index = 0; index < times + warmUpTimes; index++) {
    if (index === warmUpTimes) cpu = engineCpuMs();
    const began = performance.now();
    await answer(index % times);
    if (index >= warmUpTimes) taken.push(performance.now() - began);
  }
  tell(`${name} p50 ms`, percentile(taken, 0.5));
  tell(`${name} p99 ms`, percentile(taken, 0.99), answerMsMax);
  // Of a machine that does something else as well this is what can be compared.
  if (engine !== undefined) tell(`${name} CPU ms of ClickHouse`, (engineCpuMs() - cpu) / times);
}

/** What the engine has used so far, where the system tells. */
function engineCpuMs(): number {
  const path = `/proc/${engine?.processId}/stat`;
  if (!existsSync(path)) return Number.NaN;
  const fields = readFileSync(path, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * msPerTick;
}

function idOf(sample: Sample | undefined, index: number): string {
  const { messageId, executionId, brokerId } = sample ?? { messageId: '', executionId: '', brokerId: '' };
  return [messageId, executionId, brokerId][index % 3] ?? '';
}

function instant(at: number): string {
  return new Date(at).toISOString();
}
