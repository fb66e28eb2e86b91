import type { CreatedFact, Millis, SentFact } from 'waybill';
import { type Claim, claimOf, inferred, observed } from '../evidence.ts';
import { hadNoConsumers, isDark, wasEmpty } from './destinations.ts';
import type { Due } from './due.ts';
import { type Standing, unknownStanding } from './state.ts';
import { mayMissExecution, type Surroundings } from './surroundings.ts';

/** A message at a subscription that no fact says has started it. */
interface Unstarted {
  readonly destination: string;
  readonly subscription: string | null;
  readonly publishes: readonly (CreatedFact | SentFact)[];
  readonly due: Due | null;
  readonly beginsAt: Millis;
  /** Somebody took it who records no facts. */
  readonly takenUnseen: Claim | null;
  /** Messages arrive there without context, of which nobody knows what they were before. */
  readonly isContextLost: boolean;
  readonly surroundings: Surroundings;
}

/** That nobody has started it is never a fact: it is inferred where somebody would have said so, and else unknown. */
export function standingUnstarted(unstarted: Unstarted): Standing {
  const { publishes, takenUnseen, due, surroundings, destination } = unstarted;
  const sends = publishes.filter((fact): fact is SentFact => fact.kind === 'sent');
  const buried = sends.find(({ dead_lettered }) => dead_lettered);
  if (buried) return { state: 'dead', over: buried.at, ...inferred(buried) };
  if (takenUnseen) return { state: 'unknown', over: null, ...claimOf(takenUnseen) };
  const taken = sends.find(({ status }) => status === 'taken');
  if (!taken) return standingUntaken(publishes, sends);
  if (isOutOfSight(unstarted)) return unknownStanding(taken);
  const declared = surroundings.destinations.get(destination);
  if (wasEmpty(declared, taken.at)) return { state: 'unknown', over: null, ...inferred(taken) };
  const state = due !== null && surroundings.asOf > due.at ? 'overdue' : 'waiting';
  // Where nobody was there to take it, that nobody took it is seen.
  const claim =
    hadNoConsumers(declared, taken.at, surroundings.asOf) && due?.from !== 'usual' ? observed(taken) : inferred(taken);
  return { state, over: null, ...claim };
}

function isOutOfSight({
  destination,
  subscription,
  publishes,
  beginsAt,
  isContextLost,
  surroundings,
}: Unstarted): boolean {
  const declared = surroundings.destinations.get(destination);
  if (isDark(declared, subscription) || isContextLost) return true;
  // Timeouts and reminders are mostly called off, which leaves one fact: where facts are lost, that may be it.
  if (surroundings.isLossy && publishes.some(({ not_before }) => not_before !== undefined)) return true;
  // Nobody has said that somebody there records facts, and nobody has been seen to.
  const isUnheardOf = surroundings.isWhole && declared === undefined && !surroundings.served.has(destination);
  return isUnheardOf || mayMissExecution(surroundings, destination, subscription, beginsAt);
}

function standingUntaken(publishes: readonly (CreatedFact | SentFact)[], sends: readonly SentFact[]): Standing {
  const last = sends.at(-1);
  // Refused, or another message stood in its place: this one will not run.
  const isOther = last?.status === 'duplicate' && last.dedup_key !== undefined;
  if (last && (last.status === 'refused' || isOther)) return { state: 'discarded', over: last.at, ...inferred(last) };
  // The publish threw, or was made in a transaction that nobody has seen commit.
  return unknownStanding(...publishes);
}
