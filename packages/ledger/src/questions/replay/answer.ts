import type { Match } from '../../store/store.ts';
import type { CausedRow } from '../blast/answer.ts';
import type { Claim, Evidence } from '../evidence.ts';
import type { State } from '../graph/state.ts';
import type { Unknown } from '../why/unknowns.ts';

/** The `data` of `waybill.replay/1`: what it would mean to send a message once more, as far as facts tell. */
export interface ReplayData {
  readonly asked: { readonly kind: Match['kind']; readonly id: string; readonly attempt: number | null };
  readonly message_id: string;
  readonly correlation_id: string;
  readonly event_type: string | null;
  readonly tenant_id: string | null;
  readonly operation: string | null;
  readonly business_key: string | null;
  readonly state: State;
  readonly state_evidence: Evidence;
  readonly attempts: number;
  readonly max_attempts: number | null;
  readonly redelivers: Redelivery;
  /** What it has led to already, nearest first. */
  readonly caused: readonly CausedRow[];
  readonly caused_not_shown: number;
  readonly pending: number;
  readonly is_at_least: boolean;
  /** What would then have happened twice. */
  readonly twice: readonly Twice[];
  readonly twice_not_shown: number;
  /** Who has sent it again before. */
  readonly replays: readonly Replayed[];
  readonly unknowns: readonly Unknown[];
  /** All that is recorded of the message itself, as `waybill export` writes it. */
  readonly facts: readonly Readonly<Record<string, unknown>>[];
}

/** Where it would be sent to, and by which id the transport knows what it delivered last. */
export interface Redelivery {
  readonly system: string;
  readonly destination: string;
  readonly subscription: string | null;
  readonly broker_id: string | null;
}

/** The claim is that it has happened, or is going to, without being sent again. */
export interface Twice extends Claim {
  /** `run`: it was handled there. `wait`: it is still to be. `effect`: it led to this. `replay`: it was sent again, edited. */
  readonly kind: 'run' | 'wait' | 'effect' | 'replay';
  readonly message_id: string;
  readonly event_type: string | null;
  readonly destination: string;
  readonly subscription: string | null;
  readonly state: State;
  /** When it ended, or began where it has not. */
  readonly at: string;
}

/** The claim is that it was ordered. */
export interface Replayed extends Claim {
  readonly actor: string;
  readonly reason: string;
  readonly plan_id: string;
  readonly at: string;
  readonly service: string;
  /** Where the payload was changed: then it is another message. */
  readonly new_message_id: string | null;
}
