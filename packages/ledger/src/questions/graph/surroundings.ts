import type { Millis } from 'waybill';
import type { KnownDestinations } from './destinations.ts';
import { instanceKey, isLossy, type Losses, lossyShare, mayBeLostSince } from './losses.ts';
import type { OwnFacts } from './own-facts.ts';
import { skewMsMax } from './skew.ts';

/** What is known beside the facts of one message: what was declared, what others show, and what is missing. */
export interface Surroundings {
  readonly asOf: Millis;
  readonly destinations: KnownDestinations;
  /** Null where nobody has counted what is missing. */
  readonly losses: Losses | null;
  /** So much is missing that the last facts of an instance, whose loss leaves no hole, may be missing too. */
  readonly isLossy: boolean;
  /** All facts are here: only then does "nobody" mean nobody. */
  readonly isWhole: boolean;
  readonly served: ReadonlyMap<string, Served>;
}

/** What facts show of who takes messages from a destination. */
interface Served {
  /** Since when a subscription is known to take messages, and by which instances. */
  readonly subscriptions: ReadonlyMap<string, { since: Millis; readonly instances: Set<string> }>;
  /** Subscriptions that took messages which another one took as well: each gets a copy. */
  readonly copied: ReadonlySet<string>;
  /** How long messages waited for their first start, longest last. */
  readonly waitsMs: readonly number[];
}

interface Learning {
  readonly subscriptions: Map<string, { since: Millis; readonly instances: Set<string> }>;
  readonly copied: Set<string>;
  readonly waitsMs: number[];
}

/** Facts that others say were recorded: the start of what ended, the send of what arrived with its context. */
function isOrphaned({ sent, created, started, settled, facts, causationId }: OwnFacts): boolean {
  if (started.length === 0 && settled.length > 0) return true;
  const isCarried = causationId !== null && facts.every(({ foreign }) => foreign === undefined);
  return isCarried && started.length > 0 && sent.length + created.length === 0;
}

export function learnLossy(messages: Iterable<OwnFacts>, losses: Losses | null): boolean {
  if (losses === null) return false;
  if (isLossy(losses)) return true;
  let [facts, orphans] = [0, 0];
  for (const own of messages) {
    facts += own.facts.length;
    if (isOrphaned(own)) orphans++;
  }
  return orphans > lossyShare * facts;
}

export function learnServed(messages: Iterable<OwnFacts>): ReadonlyMap<string, Served> {
  const served = new Map<string, Learning>();
  for (const own of messages) {
    for (const fact of own.started) learn(served, fact);
    for (const fact of own.settled) learn(served, fact);
    if (own.started.length > 1) learnCopies(served, own);
    const [start, sent] = [own.started[0], own.sent[0]];
    if (start && sent && start.destination === sent.destination && sent.not_before === undefined)
      served.get(start.destination)?.waitsMs.push(start.at - sent.at);
  }
  for (const { waitsMs } of served.values()) waitsMs.sort((a, b) => a - b);
  return served;
}

function learn(served: Map<string, Learning>, fact: OwnFacts['started' | 'settled'][number]): void {
  let own = served.get(fact.destination);
  if (own === undefined) {
    own = { subscriptions: new Map(), copied: new Set(), waitsMs: [] };
    served.set(fact.destination, own);
  }
  const name = fact.subscription ?? '';
  const known = own.subscriptions.get(name);
  if (known === undefined) {
    own.subscriptions.set(name, { since: fact.at, instances: new Set([instanceKey(fact)]) });
  } else {
    known.since = Math.min(known.since, fact.at);
    known.instances.add(instanceKey(fact));
  }
}

function learnCopies(served: Map<string, Learning>, { started }: OwnFacts): void {
  for (const fact of started) {
    const isCopied = started.some(
      (other) => other.destination === fact.destination && other.subscription !== fact.subscription,
    );
    if (isCopied && fact.subscription !== undefined) served.get(fact.destination)?.copied.add(fact.subscription);
  }
}

/** An execution leaves two facts: whoever served the place must have lost both for it to be out of sight. */
const factsOfOne = 2;

/** Whether facts are known to be missing that could be of an execution at this place, after this instant. */
export function mayMissExecution(
  { losses, served }: Surroundings,
  destination: string,
  subscription: string | null,
  since: Millis,
): boolean {
  if (losses === null) return false;
  const here = served.get(destination)?.subscriptions ?? new Map<string, { readonly instances: Set<string> }>();
  const own = subscription === null ? [...here.values()] : [here.get(subscription)].filter((each) => each != null);
  return own.some(({ instances }) =>
    [...instances].some((key) => mayBeLostSince(losses, key, since - skewMsMax, factsOfOne)),
  );
}

/** What is far beyond every wait that was seen there; null where too few were seen to say. */
export function usualMsMaxOf({ served }: Surroundings, destination: string): number | null {
  const waits = served.get(destination)?.waitsMs ?? [];
  const longest = waits.at(-1);
  if (longest === undefined || waits.length < knownMin) return null;
  return Math.max(10 * longest, 60_000);
}

const knownMin = 20;
