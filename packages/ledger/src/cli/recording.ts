import { readFileSync } from 'node:fs';
import type { TraceAnswer } from '../questions/trace/trace.ts';
import { createApp, type LedgerApp } from '../server/app.ts';
import { importFacts } from '../server/import-facts.ts';
import { openSqliteStore } from '../store/sqlite.ts';
import type { DemoLoaded } from './text/demo.ts';

/** A workflow as it was recorded, with what was known of its destinations. */
interface Recording {
  readonly captured_at: string;
  readonly business_key: string;
  readonly facts: readonly unknown[];
  readonly destinations: readonly unknown[];
}

/** A ledger in memory that holds one recorded workflow, and answers as of the instant when that was recorded. */
export async function openRecording(): Promise<{
  readonly app: LedgerApp;
  readonly recordedAt: string;
  readonly loaded: DemoLoaded;
}> {
  // The same path from src and from dist.
  const recording: Recording = JSON.parse(readFileSync(new URL('../../demo/workflow.json', import.meta.url), 'utf8'));
  const { captured_at: recordedAt, business_key, facts, destinations } = recording;
  const store = openSqliteStore({ path: ':memory:' });
  const at = Date.parse(recordedAt);
  const { stored } = await importFacts(store, [{ destinations }, ...facts], () => {}, at);
  const app = createApp({ store, recordedAt: at });
  const answer = await app.request(`/api/v1/trace?id=${encodeURIComponent(business_key)}`);
  // Sound: the route of `trace` answers so of a key that is there.
  const { counts, rows } = ((await answer.json()) as { readonly data: TraceAnswer }).data;
  const told = rows.flatMap((row) => ('folded' in row ? [] : [row]));
  const { message_id, elapsed_ms } = told.reduce((a, b) => ((b.elapsed_ms ?? 0) > (a.elapsed_ms ?? 0) ? b : a));
  const slowest = { message_id, elapsed_ms: elapsed_ms ?? 0 };
  return { app, recordedAt, loaded: { facts: stored, messages: counts.messages, workflows: 1, slowest } };
}
