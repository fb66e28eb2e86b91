// What it takes to tell of one workflow of 400,000 executions: npm run bench:workflow -- --executions 400000 --json
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createApp, openSqliteStore } from '@waybill/ledger';
import type { SentFact, SettledFact, StartedFact } from 'waybill';

const { values } = parseArgs({
  options: { executions: { type: 'string', default: '400000' }, json: { type: 'boolean' } },
});
const rowsInChunk = 99;
const chunks = Math.round(Number(values.executions) / (rowsInChunk + 1));
const beganAt = Date.UTC(2026, 2, 1);
const root = `req_${idDigits(0)}`;
const foldedTimes = 5;
const askedTimes = 300;

const folder = await mkdtemp(join(tmpdir(), 'waybill-bench-'));
const store = openSqliteStore({ path: join(folder, 'ledger.db') });
const app = createApp({ store });
try {
  await makeImport();
  const began = process.cpuUsage();
  const trace = await timesOf(foldedTimes, () => 0, 'trace');
  const { user, system } = process.cpuUsage(began);
  const why = await timesOf(askedTimes, (index) => 1 + ((index * 7_919) % (chunks * (rowsInChunk + 1))), 'why');
  const results = [
    { name: 'folded, p50 ms', value: quantile(trace, 0.5), target: 1_000 },
    { name: 'folded, CPU ms', value: Math.round((user + system) / 1_000 / foldedTimes), target: null },
    { name: 'why in it, p50 ms', value: quantile(why, 0.5), target: null },
    { name: 'why in it, p99 ms', value: quantile(why, 0.99), target: 2 },
  ].map((result) => ({ ...result, met: result.target === null ? null : result.value <= result.target }));
  if (values.json) console.log(JSON.stringify({ results }));
  else console.table(results);
} finally {
  await app.close();
  await rm(folder, { recursive: true });
}

/** An import of chunks, each of which sends a message for each of its rows; one in 10,000 dies, one waits. */
async function makeImport(): Promise<void> {
  await store.append(ran(root, null, 'POST /import', 0));
  for (let chunk = 0; chunk < chunks; chunk++) {
    const first = 1 + chunk * (rowsInChunk + 1);
    const rows = Array.from({ length: rowsInChunk }, (_, row) => {
      const number = first + 1 + row;
      const facts = ran(messageId(number), messageId(first), 'row.import', number);
      return number % 10_000 === 7 ? facts.slice(0, 1) : facts;
    });
    await store.append([...ran(messageId(first), root, 'import.chunk', first), ...rows.flat()]);
  }
}

function ran(id: string, cause: string | null, type: string, number: number): (SentFact | StartedFact | SettledFact)[] {
  const at = beganAt + number * 2;
  const common = {
    ...{ service: 'importer', instance: 'importer-1', seq: number * 3, message_id: id, correlation_id: root },
    ...{ causation_id: cause, trace_id: '6146776277720eb83dedaedf129dbcc7', tenant_id: 'acme', operation: 'import' },
    ...{ event_type: type, system: 'bullmq', destination: type },
  };
  const execution = { execution_id: `exe_${idDigits(number)}`, attempt: 1 };
  const outcome = number % 10_000 === 9 ? 'dead' : 'ok';
  return [
    { ...common, fact_id: factId(number, 0), kind: 'sent', at, status: 'taken' },
    {
      ...{ ...common, ...execution, fact_id: factId(number, 1), kind: 'started', at: at + 50, received_at: at + 50 },
      trace_mode: { mode: 'P', reason: 'command' },
    },
    { ...common, ...execution, fact_id: factId(number, 2), kind: 'settled', at: at + 90, outcome },
  ];
}

async function timesOf(count: number, numberOf: (index: number) => number, question: string): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const number = numberOf(index);
    const id = number === 0 ? root : messageId(number);
    const began = performance.now();
    const response = await app.request(`/api/v1/${question}?id=${id}`);
    await response.text();
    times.push(performance.now() - began);
    if (response.status !== 200) throw new Error(`${question} of ${id} was answered with ${response.status}`);
  }
  return times.sort((a, b) => a - b);
}

function quantile(sorted: readonly number[], share: number): number {
  return Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toPrecision(4));
}

function messageId(number: number): string {
  return `msg_${idDigits(number)}`;
}

function factId(number: number, place: number): string {
  return `fct_${idDigits(number * 3 + place)}`;
}

function idDigits(number: number): string {
  return `01KKY1N9W4EXM8KX${number.toString(32).toUpperCase().replaceAll(/[A-V]/g, crockford).padStart(10, '0')}`;
}

/** Base 32 as Crockford writes it: without I, L, O and U. */
function crockford(letter: string): string {
  return '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.charAt(Number.parseInt(letter, 32));
}
