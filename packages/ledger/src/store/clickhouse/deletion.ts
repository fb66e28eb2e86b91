import type { Connection } from './connection.ts';
import type { DeleteFrom } from './spans.ts';
import { forgetTraces } from './spans.ts';

export interface MessageOf {
  readonly correlationId: string;
  readonly messageId: string;
  /** The arrival of its last fact: what comes later stays. */
  readonly last: number;
}

/**
 * Deletes messages with their facts, and says how many facts that were. Rows are masked at once, and gone from the disk with
 * the next merge of their part. In \`ids\` a workflow stays found by what its other facts name.
 */
export async function deleteMessages(
  { rows }: Connection,
  deleteFrom: DeleteFrom,
  messages: readonly MessageOf[],
): Promise<number> {
  const parameters = {
    workflows: [...new Set(messages.map(({ correlationId }) => correlationId))],
    messages: [...new Set(messages.map(({ messageId }) => messageId))],
    last: Math.max(...messages.map(({ last }) => last)),
  };
  const [[facts] = [0]] = await rows(COUNT, parameters);
  const traces = (await rows(TRACES, parameters)).map(([id]) => String(id));
  await deleteFrom('facts', OF_MESSAGES, parameters);
  // Of spans that are still there the same facts would be derived again.
  if (traces.length > 0) await forgetTraces(deleteFrom, traces);
  const left = new Set((await rows(LEFT, parameters)).map(([id]) => String(id)));
  const gone = parameters.workflows.filter((id) => !left.has(id));
  if (gone.length > 0) await deleteFrom('ids', 'correlation_id IN {workflows:Array(String)}', { workflows: gone });
  return Number(facts);
}

const OF_MESSAGES = `correlation_id IN {workflows:Array(String)} AND message_id IN {messages:Array(String)}
  AND arrival <= {last:Int64}`;

const COUNT = `-- How many facts have these messages?
SELECT uniqExact(cityHash64(fact_id, at + fact_lag)) FROM facts WHERE ${OF_MESSAGES}`;

const TRACES = `-- Of which traces that are still kept are they?
SELECT DISTINCT trace_id FROM facts WHERE ${OF_MESSAGES}
  AND trace_id GLOBAL IN (SELECT trace_id FROM span_traces)`;

const LEFT = `-- Of which of these workflows is something left?
SELECT DISTINCT correlation_id FROM facts WHERE correlation_id IN {workflows:Array(String)}`;
