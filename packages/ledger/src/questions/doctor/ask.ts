import type { FactReader } from '../../store/store.ts';
import type { Asked } from '../asked.ts';
import { claimOf, type Evidence, observed } from '../evidence.ts';
import { ask as gaps } from '../gaps/ask.ts';
import { type Destination, onlySubscription, probedNow } from '../graph/destinations.ts';
import { destinationsOf } from '../graph/known-destinations.ts';
import { rfc3339 } from '../instant.ts';
import { runP99Of } from '../learned.ts';
import { isLeaseLong } from '../queues/ask.ts';
import { waitingIn } from '../queues/waiting.ts';
import type { Check, DoctorData } from './answer.ts';

/** For so long an app may be idle: a night has none of it, and neither has a recorder that cannot reach the ledger. */
const quietMsMax = 3_600_000;

/** Is anything amiss: do facts come, keep messages their context, are leases fit, is somebody there to take? */
export function ask(reader: FactReader, asked: Asked): DoctorData {
  const known = destinationsOf(reader.destinations(null), asked.asOf);
  return {
    checks: [
      ledgerCheck(reader, asked),
      ...leaseChecks(reader, known, asked),
      ...contextChecks(reader, asked),
      ...consumersChecks(reader, known, asked),
    ],
  };
}

function ledgerCheck(reader: FactReader, { asOf }: Asked): Check {
  const { facts, until } = reader.extent();
  const isFresh = until !== null && until > asOf - quietMsMax;
  const newest_at = until === null ? null : rfc3339(until);
  return { check: 'ledger', status: isFresh ? 'ok' : 'warn', facts, newest_at, ...observed() };
}

function leaseChecks(reader: FactReader, known: readonly Destination[], { asOf }: Asked): Check[] {
  const leased = known.filter(({ lease_ms }) => lease_ms !== undefined);
  const found = leased.flatMap((each): Check[] => {
    const { name: destination, lease_ms = 0 } = each;
    // What is fit for any run needs none to be looked at.
    if (!isLeaseLong(lease_ms, 0)) return [];
    const run_p99_ms = runP99Of(reader, { get: () => each, has: () => true }, destination, asOf);
    if (run_p99_ms === null || !isLeaseLong(lease_ms, run_p99_ms)) return [];
    return [{ check: 'lease', status: 'warn', destination, lease_ms, run_p99_ms, ...observed() }];
  });
  return found.length > 0 ? found : [{ check: 'lease', status: 'ok', looked_at: leased.length, ...seen(leased) }];
}

/** Of all boundaries the one that most messages went through: `gaps` lists the rest. */
function contextChecks(reader: FactReader, asked: Asked): Check[] {
  const { boundaries, messages_checked } = gaps(reader, asked);
  const [worst] = boundaries;
  if (worst === undefined) return [{ check: 'context', status: 'ok', looked_at: messages_checked, ...observed() }];
  const { via, to, missing, messages } = worst;
  return [{ check: 'context', status: 'warn', lost_in: via, to, missing, messages, ...claimOf(worst) }];
}

function consumersChecks(reader: FactReader, known: readonly Destination[], asked: Asked): Check[] {
  const { asOf } = asked;
  const counted = known.filter((each) => each.kind !== 'dead-letter' && probedNow(each, 'consumers', asOf) !== null);
  const unmanned = counted.filter((each) => probedNow(each, 'consumers', asOf) === 0);
  const waiting = unmanned.length > 0 ? waitingIn(reader, asked) : null;
  const found = unmanned.flatMap((each): Check[] => {
    const { name: destination, last_consumer_seen_at: since = null } = each;
    const depth = probedNow(each, 'depth', asOf);
    const count = depth ?? waiting?.at(destination)?.messages ?? 0;
    if (count === 0) return [];
    const evidence: Evidence = depth === null ? 'inferred' : 'observed';
    const what = { check: 'consumers', status: 'fail', destination, subscription: onlySubscription(each) } as const;
    return [{ ...what, since, waiting: count, evidence, because_facts: [] }];
  });
  if (found.length > 0) return found;
  return [{ check: 'consumers', status: 'ok', looked_at: counted.length, ...seen(counted) }];
}

/** Where there was nothing to look at, that nothing was found says nothing. */
function seen(looked: readonly Destination[]): {
  readonly evidence: Evidence;
  readonly because_facts: readonly string[];
} {
  return { evidence: looked.length === 0 ? 'unknown' : 'observed', because_facts: [] };
}
