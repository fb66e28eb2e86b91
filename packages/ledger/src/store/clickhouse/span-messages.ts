import { idKey } from './id-keys.ts';
import type { Needs } from './needs.ts';

/** Messages that have a fact of this span, then those that came without a waybill from it. */
export function messagesAtSpan(needs: Needs, traceId: string, spanId: string, limit: number): readonly string[] {
  const key = `span ${limit} ${traceId} ${spanId}`;
  const parent = `00-${traceId}-${spanId}-`;
  const parameters = { key: idKey(traceId), trace: traceId, span: spanId, parent, limit };
  const asks = [HERE, FROM_HERE].map((statement) => ({ statement, parameters }));
  const answer = (rows: unknown[][]) => rows.map(([id]) => String(id));
  return needs.other<string[]>({ what: 'other', key, asks, answer }) ?? [];
}

/** In a workflow that names the trace. */
const OF_TRACE = 'correlation_id GLOBAL IN (SELECT correlation_id FROM ids WHERE key = {key:UInt64})';

const HERE = `-- Which messages have a fact of this span?
SELECT message_id FROM facts
WHERE ${OF_TRACE} AND span_id = {span:String} AND trace_id = {trace:String}
ORDER BY arrival LIMIT {limit:UInt32}`;

const FROM_HERE = `-- Which messages came without a waybill, and from this span?
SELECT message_id FROM facts
WHERE ${OF_TRACE} AND kind = 'gap'
  AND startsWith(JSONExtractString(attrs, 'gap', 'traceparent'), {parent:String})
ORDER BY JSONExtractString(attrs, 'gap', 'traceparent'), arrival LIMIT {limit:UInt32}`;
