import type { Fact, Millis } from 'waybill';

/** Facts of one instance that are known to be missing: its `seq` left numbers out. */
export interface Loss {
  /** The numbers between which they were; 0 before the first. */
  readonly afterSeq: number;
  readonly beforeSeq: number;
  readonly count: number;
  /** When the facts around them were recorded, by the instance's own clock; null before the first. */
  readonly from: Millis | null;
  readonly to: Millis;
}

interface InstanceLosses {
  readonly service: string;
  readonly instance: string;
  readonly seen: number;
  readonly missing: number;
  /** When the last was recorded, by its own clock: of what came after nothing is known, missing or not. */
  readonly lastAt: Millis;
  readonly losses: readonly Loss[];
}

/** Only who sees all facts of an instance can make it: a part of them looks full of holes. */
export interface Losses {
  /** By `instanceKey`. */
  readonly instances: ReadonlyMap<string, InstanceLosses>;
  /** Of the whole pipeline, which may be more than these instances: how much of what comes through it is missing. */
  readonly seen: number;
  readonly missing: number;
}

export function instanceKey({ service, instance }: { readonly service: string; readonly instance: string }): string {
  return `${service}\n${instance}`;
}

/** Which numbers are missing in each instance's `seq`. Facts that do not count (0) are left out. */
export function lossesOf(facts: Iterable<Fact>): Losses {
  const counted = new Map<string, { service: string; instance: string; at: Map<number, Millis> }>();
  for (const fact of facts) {
    if (fact.kind === 'dropped' || fact.seq < 1) continue;
    const key = instanceKey(fact);
    const own = counted.get(key);
    if (own) own.at.set(fact.seq, fact.at);
    else counted.set(key, { service: fact.service, instance: fact.instance, at: new Map([[fact.seq, fact.at]]) });
  }
  const instances = new Map<string, InstanceLosses>();
  let [allSeen, allMissing] = [0, 0];
  for (const [key, { service, instance, at }] of counted) {
    const losses = holesIn(at);
    const missing = losses.reduce((sum, { count }) => sum + count, 0);
    const lastAt = at.get(Math.max(...at.keys())) ?? 0;
    instances.set(key, { service, instance, seen: at.size, missing, lastAt, losses });
    allSeen += at.size;
    allMissing += missing;
  }
  return { instances, seen: allSeen, missing: allMissing };
}

function holesIn(at: ReadonlyMap<number, Millis>): Loss[] {
  const numbers = [...at.keys()].sort((a, b) => a - b);
  const losses: Loss[] = [];
  let previous = 0;
  for (const number of numbers) {
    const count = number - previous - 1;
    if (count > 0)
      losses.push({
        afterSeq: previous,
        beforeSeq: number,
        count,
        from: at.get(previous) ?? null,
        to: at.get(number) ?? 0,
      });
    previous = number;
  }
  return losses;
}

/** Whether a fact of this instance, recorded after that one, may be among those that are missing. */
export function mayBeLostAfter(
  losses: Losses,
  fact: { readonly service: string; readonly instance: string; readonly seq: number },
): boolean {
  const last = losses.instances.get(instanceKey(fact))?.losses.at(-1);
  return last !== undefined && last.beforeSeq > fact.seq;
}

/** Whether so many facts of this instance are missing that were recorded after this instant. */
export function mayBeLostSince(losses: Losses, key: string, since: Millis, least: number): boolean {
  const all = losses.instances.get(key)?.losses ?? [];
  let count = 0;
  for (let place = all.length - 1; place >= 0 && count < least; place--) {
    const loss = all[place];
    if (loss === undefined || loss.to < since) break;
    count += loss.count;
  }
  return count >= least;
}

/** Whether the instance was heard of after this instant: a number that is missing before would show. */
export function wasHeardAfter(
  losses: Losses,
  fact: { readonly service: string; readonly instance: string },
  instant: Millis,
): boolean {
  return (losses.instances.get(instanceKey(fact))?.lastAt ?? 0) > instant;
}

/** More than one in two hundred: then the last facts of an instance, whose loss leaves no hole, are missing as well. */
export const lossyShare = 0.005;

export function isLossy({ seen, missing }: Losses): boolean {
  return missing > lossyShare * (seen + missing);
}
