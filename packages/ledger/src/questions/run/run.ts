import { type Claim, claimOf, type Evidence } from '../evidence.ts';
import type { Arrival } from '../graph/arrival.ts';
import type { Execution } from '../graph/executions.ts';
import type { Graph } from '../graph/graph.ts';
import type { Message, MessageAtSubscription } from '../graph/message.ts';

/** What one execution is. */
export interface RunAnswer {
  readonly execution_id: string;
  readonly batch_id: string | null;
  /** One for each message: a batch is one execution of several. */
  readonly items: readonly RunItem[];
}

/** What it is to one message. The claim is that of `is`. */
interface RunItem extends Claim {
  readonly message_id: string;
  readonly destination: string;
  readonly subscription: string | null;
  readonly attempt: number | null;
  readonly delivery_count: number | null;
  readonly is: Arrival['is'];
  readonly because: readonly string[];
  /** The execution before it. */
  readonly follows: string | null;
  readonly outcome: Execution['outcome'];
  readonly outcome_evidence: Evidence;
  /** Executions that ran at the same time, for the same message. */
  readonly overlaps: readonly string[];
}

/** What is this one: the first, a retry, a redelivery, a duplicate, a replay? Null where nothing is known of it. */
export function run(graph: Graph, executionId: string): RunAnswer | null {
  const items: RunItem[] = [];
  let batchId: string | null = null;
  for (const id of graph.ranBy(executionId)) {
    const message = graph.message(id);
    for (const at of message?.subscriptions ?? []) {
      const execution = at.executions.find((own) => own.executionId === executionId);
      if (!message || !execution) continue;
      batchId ??= execution.started?.batch?.id ?? null;
      items.push(itemOf(message, at, execution));
    }
  }
  return items.length === 0 ? null : { execution_id: executionId, batch_id: batchId, items };
}

function itemOf({ messageId }: Message, at: MessageAtSubscription, execution: Execution): RunItem {
  const { arrival, attempt, deliveryCount, follows, outcome, evidence } = execution;
  return {
    message_id: messageId,
    ...{ destination: at.destination, subscription: at.subscription },
    ...{ attempt, delivery_count: deliveryCount, is: arrival.is, because: arrival.because, follows },
    ...{ outcome, outcome_evidence: evidence },
    overlaps: overlapsOf(execution, at.executions),
    ...claimOf(arrival),
  };
}

/** By one clock only: two clocks may make an overlap where there was none, unless the later one was told to be lost. */
function overlapsOf(execution: Execution, all: readonly Execution[]): string[] {
  const place = all.indexOf(execution);
  return all.flatMap((other, index) => {
    const [earlier, later] = index < place ? [other, execution] : [execution, other];
    const isOverlap =
      other !== execution &&
      (earlier.isOverlapping || earlier.instance === later.instance) &&
      earlier.startedAt !== null &&
      earlier.settled !== null &&
      later.startedAt !== null &&
      later.startedAt < earlier.settled.at &&
      later.startedAt >= earlier.startedAt;
    return isOverlap ? [other.executionId] : [];
  });
}
