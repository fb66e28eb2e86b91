import type { Outcome } from 'waybill';
import { type Claim, claimed, inferred, unknown } from '../evidence.ts';
import { type Losses, mayBeLostAfter, wasHeardAfter } from './losses.ts';
import type { Pair } from './pairs.ts';
import { skewMsMax } from './skew.ts';

/** How an execution ended. `lost` is never recorded, only inferred; an `open` one has started, and no more is known. */
export interface Fate extends Claim {
  readonly outcome: Outcome | 'lost' | 'open';
}

/** What is known to be missing; null losses where nobody has counted. */
export interface Missing {
  readonly losses: Losses | null;
  readonly isLossy: boolean;
}

/** Longer than nearly every run: whoever is heard of so long after a start would have told of its end. */
const runMsMax = 120_000;

/**
 * Whether the end of this execution may be among the facts that are missing; null where nobody counts them. The end may
 * have been the last that its instance recorded, which leaves no hole.
 */
function isEndMissed({ started }: Pair, { losses, isLossy }: Missing): boolean | null {
  if (started === null) return false;
  if (losses === null || started.seq < 1) return null;
  if (mayBeLostAfter(losses, started)) return true;
  return isLossy && !wasHeardAfter(losses, started, started.lease_until ?? started.at + runMsMax);
}

/** What became of an execution; `next` is the one after it that is no duplicate. */
export function fateOf(pair: Pair, next: Pair | null, missing: Missing): Fate {
  const { started, settled } = pair;
  if (settled) return { outcome: settled.outcome, ...claimed('observed', [started, settled]) };
  if (started === null) return { outcome: 'open', ...unknown() };
  const isMissed = isEndMissed(pair, missing);
  if (next === null) {
    const claim = isMissed ? unknown(started) : inferred(started);
    return { outcome: 'open', ...claim };
  }
  const because = next.started ?? next.settled;
  const facts = because ? [started, because] : [started];
  const isHole = missing.losses !== null && mayBeLostAfter(missing.losses, started);
  // What came just when the lease was over is a better sign than that nothing else is missing.
  const isSure = isMissed !== true || (!isHole && isLeaseOver(pair, next));
  if (isSure && wasDeliveredAgain(pair, next, isMissed === false)) return { outcome: 'lost', ...inferred(...facts) };
  return { outcome: 'open', ...unknown(...facts) };
}

/**
 * Whether the next execution shows that the transport took this one for lost. A failure that was told is counted, or
 * comes before the lease is over; `isComplete`: had it been told, we would know.
 */
function wasDeliveredAgain({ started, attempt, deliveryCount, plan }: Pair, next: Pair, isComplete: boolean): boolean {
  const again = next.started;
  if (!started || !again || plan !== next.plan) return false;
  const lease = started.lease_until;
  if (lease !== undefined && again.at + skewMsMax < lease) return false;
  const isOver = lease !== undefined;
  if (deliveryCount !== null && next.deliveryCount !== null && next.deliveryCount !== deliveryCount + 1) return false;
  if (attempt !== null && next.attempt !== null) {
    if (next.attempt === attempt) return next.deliveryCount !== null || again.redelivered === true;
    if (next.attempt !== attempt + 1) return false;
    // Some count a crash as a failure: then the lease, or the completeness of what is known, has to tell.
    if (deliveryCount !== null) return again.redelivered === true && isOver;
    return again.redelivered === true || isOver || isComplete;
  }
  return again.redelivered === true || isComplete;
}

function isLeaseOver({ started }: Pair, next: Pair): boolean {
  const [lease, again] = [started?.lease_until, next.started];
  return lease !== undefined && again !== null && again.at + skewMsMax >= lease;
}
