import type { Fact } from '../../core/facts.ts';
import type { Random } from './random.ts';

/** How far behind its place a fact may come. */
const LATE_MAX = 12;

/** Facts as a ledger gets them: some never, some twice, some after others that were recorded later. */
export function received(facts: readonly Fact[], random: Random, lostShare: number): Fact[] {
  const isDisordered = random.chance(0.5);
  const arriving: { readonly fact: Fact; readonly place: number }[] = [];
  for (const [place, fact] of facts.entries()) {
    const lateBy = isDisordered ? random.below(LATE_MAX) : 0;
    const isTwice = isDisordered && random.chance(0.03);
    if (random.chance(lostShare)) continue;
    arriving.push({ fact, place: place + lateBy });
    if (isTwice) arriving.push({ fact, place: place + random.below(3 * LATE_MAX) });
  }
  return arriving.sort((one, other) => one.place - other.place).map(({ fact }) => fact);
}
