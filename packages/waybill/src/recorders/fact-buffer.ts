import type { Fact } from '../core/facts.ts';

interface BufferLimits {
  readonly countMax: number;
  readonly bytesMax: number;
}

/** What a fact without its texts weighs, roughly; the limit is on memory, not on exactness. */
const FACT_BYTES = 1024;

function bytesOf(fact: Fact): number {
  if (fact.kind === 'dropped') return FACT_BYTES;
  const error = fact.kind === 'settled' ? (fact.error?.message.length ?? 0) : 0;
  return FACT_BYTES + (fact.bindings?.length ?? 0) + error;
}

/** Facts that wait, oldest first, bounded in number and bytes: what does not fit pushes the oldest out. */
export class FactBuffer {
  #facts: Fact[] = [];
  #head = 0;
  #bytes = 0;
  readonly #limits: BufferLimits;
  readonly #onDrop: (fact: Fact) => void;

  constructor(limits: BufferLimits, onDrop: (fact: Fact) => void) {
    this.#limits = limits;
    this.#onDrop = onDrop;
  }

  get count(): number {
    return this.#facts.length - this.#head;
  }

  add(fact: Fact): void {
    this.#facts.push(fact);
    this.#bytes += bytesOf(fact);
    while (this.count > 1 && (this.count > this.#limits.countMax || this.#bytes > this.#limits.bytesMax)) {
      const [oldest] = this.take(1);
      if (oldest !== undefined) this.#onDrop(oldest);
    }
  }

  /** Removes and returns at most `countMax` of the oldest. */
  take(countMax: number): Fact[] {
    const taken = this.#facts.slice(this.#head, this.#head + countMax);
    this.#head += taken.length;
    for (const fact of taken) this.#bytes -= bytesOf(fact);
    // The taken ones must be let go of, but moving the rest for each of them would be quadratic.
    if (this.#head > 1024 || this.#head === this.#facts.length) {
      this.#facts = this.#facts.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }
}
