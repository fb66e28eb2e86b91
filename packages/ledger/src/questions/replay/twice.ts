import { type Claim, claimOf, observed } from '../evidence.ts';
import type { Effect, Graph } from '../graph/graph.ts';
import type { Message, MessageAtSubscription } from '../graph/message.ts';
import type { State } from '../graph/state.ts';
import { rfc3339 } from '../instant.ts';
import type { Twice } from './answer.ts';

/** What sending a message once more would repeat: runs of it first, then what it led to directly. */
export function twiceOf(graph: Graph, message: Message, limit: number): Twice[] {
  const runs = message.subscriptions.flatMap((at) => runAt(message, at));
  const effects = graph.effectsOf(message.messageId, limit).flatMap((effect) => repeated(graph, effect));
  return [...runs, ...effects];
}

const TO_COME: ReadonlySet<State> = new Set(['waiting', 'running', 'overdue']);

function runAt(message: Message, at: MessageAtSubscription): Twice[] {
  const ok = at.executions.findLast(({ outcome }) => outcome === 'ok');
  if (ok) return [twice('run', message, at, ok.endedAt ?? at.beginsAt, claimOf(ok))];
  // It will be handled as it is.
  return TO_COME.has(at.state) ? [twice('wait', message, at, at.beginsAt, claimOf(at))] : [];
}

function repeated(graph: Graph, effect: Effect): Twice[] {
  const message = graph.message(effect.messageId);
  if (message === undefined) return [];
  const [at] = message.subscriptions;
  const kind = effect.via === 'replay' ? 'replay' : 'effect';
  const claim = effect.evidence === 'observed' ? observed(message.first) : claimOf(effect);
  return [twice(kind, message, at, message.beginsAt, claim)];
}

function twice(
  kind: Twice['kind'],
  { messageId, eventType }: Message,
  { destination, subscription, state }: MessageAtSubscription,
  at: number,
  claim: Claim,
): Twice {
  return {
    ...{ kind, message_id: messageId, event_type: eventType, destination, subscription, state, at: rfc3339(at) },
    ...claim,
  };
}
