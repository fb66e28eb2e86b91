import type { Connection } from './connection.ts';
import { workflowsNaming } from './ids.ts';
import type { Needs } from './needs.ts';

/** Messages that have a fact of this span, then those that came without a waybill from it. */
export function messagesAtSpan(needs: Needs, traceId: string, spanId: string, limit: number): readonly string[] {
  const key = `span ${limit} ${traceId} ${spanId}`;
  const ask = async ({ rows }: Connection): Promise<string[]> => {
    const workflows = (await workflowsNaming(rows, [traceId])).get(traceId) ?? [];
    if (workflows.length === 0) return [];
    const parameters = { workflows, trace: traceId, span: spanId, parent: `00-${traceId}-${spanId}-`, limit };
    const [here, fromHere] = await Promise.all([rows(HERE, parameters), rows(FROM_HERE, parameters)]);
    return [...here, ...fromHere].map(([id]) => String(id));
  };
  return needs.other<string[]>({ what: 'other', key, ask }) ?? [];
}

const HERE = `-- Which messages have a fact of this span?
SELECT message_id FROM facts
WHERE correlation_id IN {workflows:Array(String)} AND span_id = {span:String} AND trace_id = {trace:String}
ORDER BY arrival LIMIT {limit:UInt32}`;

const FROM_HERE = `-- Which messages came without a waybill, and from this span?
SELECT message_id FROM facts
WHERE correlation_id IN {workflows:Array(String)} AND kind = 'gap'
  AND startsWith(JSONExtractString(attrs, 'gap', 'traceparent'), {parent:String})
ORDER BY JSONExtractString(attrs, 'gap', 'traceparent'), arrival LIMIT {limit:UInt32}`;
