const reasonsMax = 3;

/** Counts what is rejected, and says why, for people. */
export class Rejections {
  readonly #reasons = new Map<string, number>();
  readonly #noun: string;

  constructor(noun: string) {
    this.#noun = noun;
  }

  add(why: string): void {
    this.#reasons.set(why, (this.#reasons.get(why) ?? 0) + 1);
  }

  summary(): Rejected {
    const rejected = [...this.#reasons.values()].reduce((sum, count) => sum + count, 0);
    return rejected === 0 ? { rejected } : { rejected, reason: this.#told() };
  }

  #told(): string {
    const told = [...this.#reasons]
      .slice(0, reasonsMax)
      .map(([why, count]) => `${count} ${this.#noun}${count === 1 ? '' : 's'}: ${why}`);
    if (this.#reasons.size > reasonsMax) told.push(`and ${this.#reasons.size - reasonsMax} more reasons`);
    return told.join('; ');
  }
}

/** How many of a request were no such thing as they said. */
export interface Rejected {
  readonly rejected: number;
  readonly reason?: string;
}
