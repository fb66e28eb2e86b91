import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FACT_FORMS } from '../../src/ingest/fact-fields.ts';
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { bodyOf, bodyOfFacts, recordOf } from '../ingest/otlp-body.ts';
import { sent } from '../store/made-facts.ts';
import { temporaryFolder } from '../store/suite.ts';
import { workflowFacts } from '../workflow.ts';
import { type RunningLedger, runLedger } from './running-ledger.ts';

/** Each sample by its name and labels. */
async function sampled({ get }: RunningLedger): Promise<Map<string, number>> {
  const { status, headers, text } = await get('/metrics');
  assert.deepEqual([status, headers['content-type']], [200, 'text/plain; version=0.0.4; charset=utf-8']);
  const lines = text.trimEnd().split('\n');
  const samples = lines.filter((line) => !line.startsWith('#'));
  for (const line of samples) assert.match(line, /^[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? [\d.e+-]+$/);
  return new Map(samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

test('metrics count facts that were new, repeated and rejected, and requests by their answer', async (context) => {
  const ledger = await runLedger(context);
  await ledger.post(bodyOfFacts(workflowFacts()));
  await ledger.post(bodyOfFacts(workflowFacts()));
  await ledger.post(bodyOf([{ ...recordOf(sent()), traceId: 'x' }, { eventName: 'waybill.new' }]));
  await ledger.post('{');
  await ledger.post(bodyOfFacts([]), { origin: 'http://evil.example' });
  const samples = await sampled(ledger);
  const of = (name: string) => samples.get(`waybill_ledger_${name}`);
  assert.deepEqual(
    [of('facts_total{result="stored"}'), of('facts_total{result="repeated"}'), of('facts')],
    [29, 29, 29],
  );
  assert.equal(of('facts_rejected_total{reason="traceId is not 32 hex digits"}'), 1);
  assert.equal(of('facts_rejected_total{reason="its kind is not known"}'), 1);
  for (const [status, count] of [
    [200, 3],
    [400, 1],
    [403, 1],
  ] as const)
    assert.equal(of(`ingest_requests_total{signal="logs",status="${status}"}`), count);
  assert.deepEqual([of('ack_seconds_count'), of('ack_seconds_bucket{le="+Inf"}')], [3, 3]);
  assert.deepEqual([of('commit_rows_count'), of('commit_rows_sum')], [2, 58]);
  assert.ok((samples.get('process_resident_memory_bytes') ?? 0) > 1_000_000);
  const cpuSeconds = samples.get('process_cpu_seconds_total') ?? 0;
  assert.ok(cpuSeconds > 0 && cpuSeconds <= process.uptime() * availableParallelism(), String(cpuSeconds));
});

test('metrics tell the size of the files, and for how long spans have waited', async (context) => {
  const path = join(await temporaryFolder(context), 'ledger.db');
  const store = openSqliteStore({ path });
  const ledger = await runLedger(context, store, {}, { everyMs: 3_600_000 });
  const span = { trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16), text: '{}' };
  await store.spans.keep([span], Date.now(), Date.now() - 60_000);
  const samples = await sampled(ledger);
  assert.equal(samples.get('waybill_ledger_spans'), 1);
  const lag = samples.get('waybill_ledger_derivation_lag_seconds') ?? 0;
  assert.ok(lag >= 60 && lag < 120, String(lag));
  assert.ok((samples.get('waybill_ledger_store_bytes') ?? 0) > 0);
  assert.ok((samples.get('waybill_ledger_wal_bytes') ?? 0) > 0);
});

test('whatever is wrong with what is sent, there are at most 200 series', async (context) => {
  const ledger = await runLedger(context);
  const records = [...FACT_FORMS].flatMap(([kind, { byAttribute }]) =>
    [...byAttribute.keys()].map((key) => ({
      ...recordOf(sent()),
      eventName: `waybill.${kind}`,
      attributes: [{ key, value: { kvlistValue: {} } }],
    })),
  );
  await ledger.post(bodyOf(records));
  const samples = await sampled(ledger);
  const reasons = [...samples.keys()].filter((name) => name.startsWith('waybill_ledger_facts_rejected_total'));
  assert.equal(reasons.length, 51);
  assert.ok(reasons.includes('waybill_ledger_facts_rejected_total{reason="_OTHER"}'));
  assert.ok(samples.size <= 200);
});

test('the page of operations names every metric', async (context) => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/operations.md'), 'utf8');
  const { text } = await (await runLedger(context)).get('/metrics');
  for (const [, name] of text.matchAll(/^# TYPE (\S+)/gm)) assert.ok(page.includes(`\`${name}\``), name);
});
