import type { Context } from 'hono';
import { decodeLogs } from '../ingest/decode-logs.ts';
import type { FactStore } from '../store/store.ts';
import { answerExport } from './answer-export.ts';
import type { Measures } from './measures.ts';

/** OTLP/HTTP logs: 200 means that the facts are on disk. */
export function ingestLogs(store: FactStore, measures: Measures, context: Context): Promise<Response> {
  return answerExport(context, 'rejectedLogRecords', async (body, { logRecordsOf }) => {
    const { facts, ...rejected } = decodeLogs(body, logRecordsOf, measures.rejected);
    if (facts.length > 0) measures.appended(await store.append(facts));
    return rejected;
  });
}
