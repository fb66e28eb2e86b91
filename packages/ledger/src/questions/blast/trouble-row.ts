import { claimOf, type Evidence, weaker } from '../evidence.ts';
import type { Hit } from '../failures/troubles.ts';
import type { Execution } from '../graph/executions.ts';
import type { Effect } from '../graph/graph.ts';
import type { Message, MessageAtSubscription } from '../graph/message.ts';
import type { WholeGraph } from '../graph/reconstruct.ts';
import type { State } from '../graph/state.ts';
import { groupBy } from '../grouping.ts';
import { rfc3339 } from '../instant.ts';
import { tenantsOf } from '../tenants.ts';
import type { DownstreamRow, OtherRow, SameTroubleRow } from './answer.ts';
import { PENDING } from './blast.ts';
import type { SameTrouble } from './same-trouble.ts';

/** One that the trouble hit, where it hit it, and what it led to. */
interface Other {
  readonly message: Message;
  readonly at: MessageAtSubscription;
  readonly struck: Execution;
  readonly hit: Hit;
  readonly effects: readonly Led[];
}

interface Led {
  readonly link: Effect;
  readonly eventType: string | null;
  readonly at: MessageAtSubscription;
}

/** What each of them led to directly, and no more than this. */
const effectsMax = 8;
const rowsMax = 200;

/** One trouble, and whom else it hit. `isAtLeast`: there may be more of them than were looked through. */
export function troubleRow(
  { trouble, message_ids, hits, ...claim }: SameTrouble,
  graph: WholeGraph,
  isAtLeast: boolean,
): SameTroubleRow {
  const others = message_ids.flatMap((id) => otherOf(id, hits, graph));
  others.sort((a, b) => a.hit.struckAt - b.hit.struckAt);
  const states: Partial<Record<State, number>> = {};
  for (const { at } of others) states[at.state] = (states[at.state] ?? 0) + 1;
  return {
    ...trouble,
    first_at: rfc3339(Math.min(...hits.map(({ struckAt }) => struckAt))),
    ...{ messages: message_ids.length, is_at_least: isAtLeast, states },
    tenants: tenantsOf(others.map(({ message }) => message)),
    downstream: downstreamOf(others),
    others: others.slice(0, rowsMax).map(otherRow),
    others_not_shown: Math.max(0, others.length - rowsMax),
    ...claimOf(claim),
  };
}

function otherOf(messageId: string, hits: readonly Hit[], graph: WholeGraph): Other[] {
  const hit = hits.find((each) => each.messageId === messageId);
  const message = graph.message(messageId);
  const at = message?.subscriptions.find(({ executions }) => executions.some(isStruckBy(hit)));
  const struck = at?.executions.find(isStruckBy(hit));
  if (!(hit && message && at && struck)) return [];
  const effects = graph.effectsOf(messageId, effectsMax).flatMap((link): Led[] => {
    const led = graph.message(link.messageId);
    return led ? [{ link, eventType: led.eventType, at: led.subscriptions[0] }] : [];
  });
  return [{ message, at, struck, hit, effects }];
}

function isStruckBy(hit: Hit | undefined): (execution: Execution) => boolean {
  return ({ executionId }) => executionId === hit?.executionId;
}

/** What is not over of what they led to. */
function downstreamOf(others: readonly Other[]): DownstreamRow[] {
  const pending = others.flatMap(({ effects }) => effects.filter(({ at }) => PENDING.has(at.state)));
  const rows = [...groupBy(pending, ({ eventType, at }) => JSON.stringify([eventType, at.state])).values()];
  return rows
    .map((alike): DownstreamRow => {
      const [{ eventType, at }] = alike;
      const areUnmanned = alike.every((led) => led.at.noConsumers !== null);
      return {
        ...{ event_type: eventType, state: at.state, messages: alike.length },
        because: areUnmanned ? 'no_consumers' : null,
        evidence: alike.reduce<Evidence>(
          (sure, led) => weaker(sure, weaker(led.link.evidence, led.at.evidence)),
          'observed',
        ),
        because_facts: alike.flatMap(({ link }) => link.because_facts),
      };
    })
    .sort((a, b) => b.messages - a.messages);
}

function otherRow({ message, at, struck, hit, effects }: Other): OtherRow {
  const { messageId, correlationId, eventType, tenantId, operation } = message;
  const { startedAt, leaseUntil, instance } = struck;
  return {
    ...{ message_id: messageId, correlation_id: correlationId, event_type: eventType },
    ...{ tenant_id: tenantId, operation, instance },
    started_at: rfc3339(startedAt ?? hit.struckAt),
    lease_until: leaseUntil === null ? null : rfc3339(leaseUntil),
    state: at.state,
    effects: effects.map((led) => ({ event_type: led.eventType, state: led.at.state })),
    evidence: 'inferred',
    because_facts: hit.because_facts,
  };
}
