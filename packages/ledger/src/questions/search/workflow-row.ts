import type { Millis } from 'waybill';
import { type Evidence, weaker } from '../evidence.ts';
import type { Message, MessageAtSubscription } from '../graph/message.ts';
import type { State } from '../graph/state.ts';
import { rfc3339 } from '../instant.ts';
import { inCausalOrder } from '../trace/order.ts';
import { executionsIn, type Story } from '../trace/story.ts';
import type { FoundBy, WorkflowRow } from './answer.ts';

/** A workflow as a search tells it, and by what its messages belong to it. */
export interface WorkflowFound {
  readonly row: WorkflowRow;
  readonly foundBy: readonly FoundBy[];
}

export function workflowFound({ messages }: Story): WorkflowFound | null {
  const all = [...messages.values()];
  const [head] = inCausalOrder(messages);
  if (head === undefined) return null;
  const { correlationId, operation, tenantId, businessKey } = head.message;
  const began = Math.min(...all.map(({ beginsAt }) => beginsAt));
  const joined = all.filter((message) => message.correlationId !== correlationId);
  const states: Partial<Record<State, number>> = {};
  for (const { subscriptions } of all) states[subscriptions[0].state] = (states[subscriptions[0].state] ?? 0) + 1;
  return {
    row: {
      ...{ correlation_id: correlationId, operation, tenant_id: tenantId, business_key: businessKey },
      ...{ began_at: rfc3339(began), elapsed_ms: elapsedMs(all, began), longest: longestOf(all) },
      ...{ messages: all.length, executions: executionsIn(all), states },
      ...togetherBy(joined),
    },
    foundBy: foundBy(all.length - joined.length, joined, head.message),
  };
}

/** Its own context holds a workflow together; what was joined to it was concluded from what led there. */
function togetherBy(joined: readonly Message[]): { evidence: Evidence; because_facts: readonly string[] } {
  return {
    evidence:
      joined.length === 0
        ? 'observed'
        : joined.reduce<Evidence>((sure, { cause }) => weaker(sure, cause.evidence), 'inferred'),
    because_facts: [...new Set(joined.flatMap(({ cause }) => cause.because_facts))],
  };
}

function foundBy(byContext: number, joined: readonly Message[], { businessKey }: Message): FoundBy[] {
  const byKey = joined.filter((message) => message.businessKey !== null && message.businessKey === businessKey);
  const key = keyName(businessKey);
  const others = joined.length - byKey.length;
  const facts = (messages: readonly Message[]) => messages.map(({ first }) => first.fact_id);
  return [
    { by: 'context', key: null, messages: byContext, evidence: 'observed', because_facts: [] },
    ...(byKey.length === 0
      ? []
      : [
          {
            by: 'business_key',
            key,
            messages: byKey.length,
            evidence: 'inferred',
            because_facts: facts(byKey),
          } as const,
        ]),
    ...(others === 0
      ? []
      : [{ by: 'cause', key: null, messages: others, evidence: 'inferred', because_facts: [] } as const]),
  ];
}

/** What a business key names: `order` of `order:ORD-48213`; null where it does not say. */
function keyName(businessKey: string | null): string | null {
  const colonAt = businessKey?.indexOf(':') ?? -1;
  return businessKey === null || colonAt < 1 ? null : businessKey.slice(0, colonAt);
}

/** Until the last of it was over; null while something is not, or nobody knows. */
function elapsedMs(messages: readonly Message[], began: Millis): number | null {
  const ends = messages.flatMap(({ subscriptions }) => subscriptions.map(({ over }) => over));
  return ends.some((over) => over === null) ? null : Math.max(...ends.map((over) => over ?? began)) - began;
}

function longestOf(messages: readonly Message[]): WorkflowRow['longest'] {
  const segments = messages.flatMap(({ subscriptions }) =>
    subscriptions.flatMap((at: MessageAtSubscription) => at.segments),
  );
  const [first] = segments.filter(({ kind }) => kind !== 'skipped').sort((a, b) => b.ms - a.ms);
  return first ? { kind: first.kind, ms: first.ms } : null;
}
