import { type Claim, claimOf, type Evidence } from '../evidence.ts';
import type { Graph } from '../graph/graph.ts';
import type { Message } from '../graph/message.ts';
import type { State } from '../graph/state.ts';
import { rfc3339 } from '../instant.ts';
import { type NoConsumersAnswer, noConsumersAnswer } from '../no-consumers.ts';

/** What a message caused directly, or was replayed as. */
export interface Effect extends Claim {
  readonly kind: 'message' | 'replay';
  readonly message_id: string;
  readonly event_type: string | null;
  readonly tenant_id: string | null;
  readonly destination: string;
  readonly at: string;
  readonly state: State;
  readonly state_evidence: Evidence;
  readonly elapsed_ms: number | null;
  readonly overdue_ms: number | null;
  /** What a probe saw of whoever should take it; null where nothing. */
  readonly no_consumers: NoConsumersAnswer | null;
  /** The batch in which it was handled, where the whole of that caused it. */
  readonly batch_id: string | null;
}

/** A fan-out may have any number, and each is folded: this answer lists so many, and `blast` a thousand. */
const effectsMax = 16;

export function effectsOf(graph: Graph, { messageId }: Message): { effects: readonly Effect[]; areMore: boolean } {
  const links = graph.effectsOf(messageId, effectsMax + 1);
  const effects = links.slice(0, effectsMax).flatMap(({ messageId: id, via, batchId, ...claim }): Effect[] => {
    const effect = graph.message(id);
    if (effect === undefined) return [];
    const [at] = effect.subscriptions;
    const { state, evidence, elapsedMs, dueAt, destination } = at;
    return [
      {
        kind: via === 'replay' ? 'replay' : 'message',
        message_id: id,
        event_type: effect.eventType,
        tenant_id: effect.tenantId,
        destination,
        at: rfc3339(effect.beginsAt),
        state,
        state_evidence: evidence,
        elapsed_ms: elapsedMs,
        overdue_ms: state === 'overdue' && dueAt !== null ? graph.asOf - dueAt : null,
        no_consumers: noConsumersAnswer(at),
        batch_id: batchId,
        ...claimOf(claim),
      },
    ];
  });
  return { effects, areMore: links.length > effectsMax };
}
