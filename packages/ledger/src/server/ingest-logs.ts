import type { Context } from 'hono';
import { decodeLogs } from '../ingest/decode-logs.ts';
import type { Rejected } from '../ingest/rejections.ts';
import type { FactStore } from '../store/store.ts';
import { answerExport } from './answer-export.ts';
import type { Measures } from './measures.ts';

/** OTLP/HTTP logs: 200 means that the facts are on disk. */
export function ingestLogs(store: FactStore, measures: Measures, context: Context): Promise<Response> {
  return answerExport(context, 'rejectedLogRecords', async (body, { logRecordsOf }) => {
    let rejected: Rejected = { rejected: 0 };
    let reasons: string[] = [];
    const appended = await store.append(() => {
      reasons = [];
      const { facts, ...rest } = decodeLogs(body, logRecordsOf, (reason) => reasons.push(reason));
      rejected = rest;
      return facts;
    });
    measures.appended(appended);
    reasons.forEach(measures.rejected);
    return rejected;
  });
}
