import { type Claim, claimOf, type Evidence, weaker } from '../evidence.ts';
import type { Effect, Graph } from '../graph/graph.ts';
import type { Message } from '../graph/message.ts';
import type { State } from '../graph/state.ts';
import { type SameTrouble, sameTrouble } from './same-trouble.ts';

export interface BlastAnswer {
  readonly message_id: string;
  /** Everything that it led to, nearest first. */
  readonly caused: readonly Caused[];
  /** How many of those are not over. */
  readonly pending: number;
  /** What lies beyond the limit was not followed. */
  readonly is_at_least: boolean;
  /** Others that the same trouble hit, always a conclusion; null where the graph is not whole, and nobody looked. */
  readonly same_trouble: readonly SameTrouble[] | null;
}

/** The claim is that it was caused: no surer than the weakest link on the way to it. */
export interface Caused extends Claim {
  readonly message_id: string;
  /** What caused it, on the shortest way. */
  readonly parent: string;
  readonly depth: number;
  readonly via: Effect['via'];
  readonly event_type: string | null;
  readonly tenant_id: string | null;
  readonly operation: string | null;
  readonly destination: string;
  /** Which ran it last; which sent it, where none has. */
  readonly instance: string;
  readonly state: State;
  readonly state_evidence: Evidence;
  /** At some subscription it waits, runs or is overdue. */
  readonly is_pending: boolean;
  readonly pending_evidence: Evidence;
}

/** No walk is without a limit: a schedule that feeds itself causes without end. */
const causedMax = 20_000;

/** What did this lead to, and what else did the same trouble hit? Null where nothing is known of the message. */
export function blast(graph: Graph, messageId: string, limit = causedMax): BlastAnswer | null {
  const message = graph.message(messageId);
  if (message === undefined) return null;
  const caused: Caused[] = [];
  const seen = new Set([messageId]);
  let isAtLeast = false;
  let level: { readonly id: string; readonly evidence: Evidence }[] = [{ id: messageId, evidence: 'observed' }];
  for (let depth = 1; level.length > 0; depth++) {
    const next: typeof level = [];
    for (const { id, evidence } of level) {
      if (isAtLeast) break;
      for (const effect of graph.effectsOf(id, limit + 1)) {
        const found = seen.has(effect.messageId) ? undefined : graph.message(effect.messageId);
        if (found === undefined) continue;
        if (caused.length >= limit) {
          isAtLeast = true;
          break;
        }
        seen.add(effect.messageId);
        const sure = weaker(evidence, effect.evidence);
        caused.push(causedBy(found, effect, id, depth, sure));
        next.push({ id: effect.messageId, evidence: sure });
      }
    }
    level = next;
  }
  const pending = caused.filter(({ is_pending }) => is_pending).length;
  return { message_id: messageId, caused, pending, is_at_least: isAtLeast, same_trouble: sameTrouble(graph, message) };
}

/** States of what is not over. */
export const PENDING: ReadonlySet<State> = new Set(['waiting', 'running', 'overdue']);

function causedBy(message: Message, effect: Effect, parent: string, depth: number, evidence: Evidence): Caused {
  const { messageId, eventType, tenantId, operation, subscriptions } = message;
  const [at] = subscriptions;
  const pending = subscriptions.find(({ state }) => PENDING.has(state));
  // That nothing is pending is as sure as what is said of each subscription.
  const whole = subscriptions.reduce<Evidence>((sure, each) => weaker(sure, each.evidence), 'observed');
  return {
    ...{ message_id: messageId, parent, depth, via: effect.via },
    ...{ event_type: eventType, tenant_id: tenantId, operation, destination: at.destination },
    instance: at.executions.at(-1)?.instance ?? message.first.instance,
    ...{ state: at.state, state_evidence: at.evidence },
    is_pending: pending !== undefined,
    pending_evidence: pending?.evidence ?? whole,
    ...{ ...claimOf(effect), evidence },
  };
}
