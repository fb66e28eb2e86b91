import type { DroppedFact, Fact } from '../core/facts.ts';

/** Counts what a recorder had to drop, by reason, until it is told as a fact. */
export interface Drops {
  add(fact: Fact, why: string): void;
  /** How many are not told yet. */
  total(): number;
  /** The facts that tell of them; they count as told. */
  take(mint: (at: number) => string): DroppedFact[];
  /** Telling failed: they count again. */
  untake(told: readonly DroppedFact[]): void;
}

export function countDrops(): Drops {
  const byReason = new Map<string, DroppedFact>();
  const keep = (fact: DroppedFact) => {
    const known = byReason.get(fact.why);
    const count = fact.count + (known?.count ?? 0);
    byReason.set(fact.why, { ...fact, count, since: Math.min(fact.since, known?.since ?? fact.since) });
  };
  return {
    add(fact, why) {
      const { service, instance, version, at } = fact;
      // A fact that tells of others stands for all of them.
      const count = fact.kind === 'dropped' ? fact.count : 1;
      keep({ kind: 'dropped', fact_id: '', at, service, instance, version, count, since: at, why });
    },
    total: () => [...byReason.values()].reduce((sum, { count }) => sum + count, 0),
    take(mint) {
      const told = [...byReason.values()].map((fact) => ({ ...fact, fact_id: mint(Date.now()), at: Date.now() }));
      byReason.clear();
      return told;
    },
    untake: (told) => told.forEach(keep),
  };
}
