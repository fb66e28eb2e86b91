import type { FactStore } from '../../store/store.ts';
import { type Claim, type Evidence, observed, unknown } from '../evidence.ts';
import { rfc3339 } from '../instant.ts';
import { inferCauses, kinOf } from '../kin.ts';
import { type Message, reconstruct } from '../reconstruct.ts';

/** One link of the chain: what was being handled when the next one was created. */
export interface Cause extends Claim {
  readonly kind: 'ingress' | 'message';
  readonly message_id: string;
  readonly event_type: string | null;
  readonly correlation_id: string | null;
  readonly causation_id: string | null;
  readonly tenant_id: string | null;
  readonly operation: string | null;
  readonly destination: string | null;
  readonly service: string | null;
  readonly instance: string | null;
  /** RFC 3339; null where the ledger has no facts of it. */
  readonly at: string | null;
  readonly evidence: Evidence;
  /** How it led to the next: recorded as its cause, or replayed as it. */
  readonly via: 'cause' | 'replay' | null;
  /** The reasons of a conclusion; empty where a fact says so. */
  readonly because: readonly string[];
}

export interface Chain {
  /** Root first, the message itself last. */
  readonly causes: readonly Cause[];
  /** Why it begins where it does, when that is no root. */
  readonly end: { readonly question: string; readonly because: string; readonly claim: Claim } | null;
}

interface Link {
  readonly message: Message;
  readonly claim: Claim;
  readonly via: Cause['via'];
  readonly because: readonly string[];
}

/** No walk is without a limit: a schedule that feeds itself makes a chain of any length. */
const stepsMax = 1_000;

/** Follows recorded causes, replays and, across a gap, the inferred cause, up to where nothing more is known. */
export function chainOf(store: FactStore, message: Message, asOf: number): Chain {
  const links: Link[] = [];
  const seen = new Set<string>();
  let next: Link | null = { message, claim: observed(message.first), via: null, because: [] };
  let top = message;
  while (next && links.length < stepsMax) {
    const ids = store.ancestors(next.message.messageId, stepsMax - links.length - 1);
    const known = reconstruct(store.factsOf(ids), asOf);
    let link: Link | null = next;
    while (link && !seen.has(link.message.messageId)) {
      links.push(link);
      top = link.message;
      seen.add(top.messageId);
      const cause = known.get(top.causationId ?? '');
      link = cause ? { message: cause, claim: observed(top.first), via: 'cause', because: [] } : null;
    }
    const after: Link | null = top.causationId === null ? beyond(store, top, asOf) : null;
    next = after && !seen.has(after.message.messageId) ? after : null;
  }
  return endedBy(top, links.map(causeOf).reverse(), seen, links.length >= stepsMax);
}

/** Where no cause is recorded: the message that this one replays, else the one that the gap hides. */
function beyond(store: FactStore, top: Message, asOf: number): Link | null {
  const origin = top.replayOf;
  if (origin !== null) {
    const from = reconstruct(store.factsOf([origin]), asOf).get(origin);
    return from ? { message: from, claim: observed(top.first), via: 'replay', because: [] } : null;
  }
  if (top.gaps.length === 0) return null;
  const kin = kinOf(store, top, asOf).set(top.messageId, top);
  const cause = inferCauses(kin).get(top.messageId);
  const from = kin.get(cause?.causeId ?? '');
  return cause && from ? { message: from, claim: cause, via: 'cause', because: cause.because } : null;
}

function endedBy(top: Message, causes: readonly Cause[], seen: ReadonlySet<string>, isCut: boolean): Chain {
  const missing = top.causationId ?? top.replayOf;
  const claim = unknown(top.first);
  if (isCut) {
    const because = `only the nearest ${stepsMax} causes were followed`;
    return { causes, end: { question: `what caused ${top.messageId}?`, because, claim } };
  }
  if (missing !== null && seen.has(missing)) {
    const because = 'its recorded causes lead back to itself';
    return { causes, end: { question: `what caused ${top.messageId}?`, because, claim } };
  }
  if (missing !== null) {
    const because = `no facts of ${missing}`;
    const via = top.causationId === null ? 'replay' : 'cause';
    return {
      causes: [factless(missing, claim, via), ...causes],
      end: { question: `what caused ${missing}?`, because, claim },
    };
  }
  const [gap] = top.gaps;
  if (!gap) return { causes, end: null };
  const missed = gap.gap.missing.length > 0 ? `; looked for ${gap.gap.missing.join(', ')}` : '';
  const because = `${gap.gap.reason} at ${gap.gap.edge.to}${missed}`;
  return { causes, end: { question: `what caused ${top.messageId}?`, because, claim: unknown(gap) } };
}

function causeOf({ message: { first, messageId, ...message }, claim, via, because }: Link): Cause {
  return {
    kind: /^(req|tick|run)_/.test(messageId) && message.causationId === null ? 'ingress' : 'message',
    message_id: messageId,
    event_type: message.eventType,
    correlation_id: message.correlationId,
    causation_id: message.causationId,
    tenant_id: message.tenantId,
    operation: message.operation,
    destination: first.destination,
    service: first.service,
    instance: first.instance,
    at: rfc3339(message.beginsAt),
    via,
    ...evidenceOf(claim),
    because,
  };
}

function factless(messageId: string, claim: Claim, via: Cause['via']): Cause {
  return {
    kind: /^(req|tick|run)_/.test(messageId) ? 'ingress' : 'message',
    message_id: messageId,
    event_type: null,
    correlation_id: null,
    causation_id: null,
    tenant_id: null,
    operation: null,
    destination: null,
    service: null,
    instance: null,
    at: null,
    via,
    ...evidenceOf(claim),
    because: [],
  };
}

function evidenceOf({ evidence, because_facts }: Claim): Claim {
  return { evidence, because_facts };
}
