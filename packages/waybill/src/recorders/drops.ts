import type { DroppedFact, Fact } from '../core/facts.ts';

/** Counts what a recorder had to drop, by reason: until it is told as a fact, and since the start. */
export interface Drops {
  add(fact: Fact, why: string): void;
  /** How many are not told yet. */
  total(): number;
  /** How many there were so far, told or not. */
  readonly sinceStart: ReadonlyMap<string, number>;
  /** The facts that tell of them; from now on they are facts like any other. */
  take(mint: (at: number) => string): DroppedFact[];
}

export function countDrops(): Drops {
  const byReason = new Map<string, DroppedFact>();
  const sinceStart = new Map<string, number>();
  return {
    sinceStart,
    add(fact, why) {
      const { service, instance, version, at } = fact;
      const known = byReason.get(why);
      // A fact that tells of others stands for all of them, which are counted already.
      if (fact.kind !== 'dropped') sinceStart.set(why, (sinceStart.get(why) ?? 0) + 1);
      const told = fact.kind === 'dropped' ? fact : { count: 1, since: at };
      const count = told.count + (known?.count ?? 0);
      const since = Math.min(told.since, known?.since ?? told.since);
      byReason.set(why, { kind: 'dropped', fact_id: '', at, service, instance, version, count, since, why });
    },
    total: () => [...byReason.values()].reduce((sum, { count }) => sum + count, 0),
    take(mint) {
      const told = [...byReason.values()].map((fact) => ({ ...fact, fact_id: mint(Date.now()), at: Date.now() }));
      byReason.clear();
      return told;
    },
  };
}
