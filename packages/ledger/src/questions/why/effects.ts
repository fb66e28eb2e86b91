import type { FactStore } from '../../store/store.ts';
import { type Claim, observed } from '../evidence.ts';
import { rfc3339 } from '../instant.ts';
import { inferCauses, kinOf, wasSentUnseen } from '../kin.ts';
import { type Message, reconstruct } from '../reconstruct.ts';
import type { State } from '../state.ts';

/** What a message caused directly, or was replayed as. */
export interface Effect extends Claim {
  readonly kind: 'message' | 'replay';
  readonly message_id: string;
  readonly event_type: string | null;
  readonly tenant_id: string | null;
  readonly destination: string;
  readonly at: string;
  readonly state: State;
  readonly elapsed_ms: number | null;
  readonly overdue_ms: number | null;
}

/** A fan-out may have any number: an answer lists so many, and says when there are more. */
const effectsMax = 200;

interface Effects {
  readonly effects: readonly Effect[];
  readonly areMore: boolean;
  /** Sent, with effects, and started by nobody who records facts. */
  readonly wasTakenUnseen: boolean;
}

export function effectsOf(store: FactStore, message: Message, asOf: number): Effects {
  const ids = store.effects(message.messageId, effectsMax + 1);
  const replays = message.replays.flatMap(({ new_message_id }) => new_message_id ?? []);
  const known = reconstruct(store.factsOf([...ids.slice(0, effectsMax), ...replays]), asOf);
  const unseen = [message, ...known.values()].filter(wasSentUnseen);
  const kin = unseen.length > 0 ? kinOf(store, message, asOf) : new Map<string, Message>();
  const links = [...inferCauses(kin).values()];
  // What followed from a message that nobody started proves that somebody took it, who records no facts.
  const taken = new Set(links.map(({ causeId }) => causeId));
  for (const { messageId } of unseen) if (store.effects(messageId, 1).length > 0) taken.add(messageId);
  const effects = [...known.values()].map((effect) =>
    effectOf(effect, replays.includes(effect.messageId) ? 'replay' : 'message', observed(effect.first), taken, asOf),
  );
  for (const { causeId, messageId, evidence, because_facts } of links) {
    const effect = causeId === message.messageId ? kin.get(messageId) : undefined;
    if (effect) effects.push(effectOf(effect, 'message', { evidence, because_facts }, taken, asOf));
  }
  return {
    effects,
    areMore: ids.length > effectsMax,
    wasTakenUnseen: wasSentUnseen(message) && taken.has(message.messageId),
  };
}

function effectOf(
  effect: Message,
  kind: Effect['kind'],
  claim: Claim,
  taken: ReadonlySet<string>,
  asOf: number,
): Effect {
  const [{ state, elapsedMs, dueAt, destination }] = effect.subscriptions;
  const isUnseen = wasSentUnseen(effect) && taken.has(effect.messageId);
  return {
    kind,
    message_id: effect.messageId,
    event_type: effect.eventType,
    tenant_id: effect.tenantId,
    destination,
    at: rfc3339(effect.beginsAt),
    state: isUnseen ? 'unknown' : state,
    elapsed_ms: isUnseen ? null : elapsedMs,
    overdue_ms: state === 'overdue' && dueAt !== null && !isUnseen ? asOf - dueAt : null,
    ...claim,
  };
}
