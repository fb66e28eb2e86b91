import type { ArrivedFact } from './fact-rows.ts';
import { Index } from './hand-index.ts';

/** So many of what a message caused are fetched at once. */
export const effectsMax = 256;

/** What one question has fetched so far, and what of it is complete. */
export class Hand {
  /** The messages of workflows that are too large to be fetched whole, oldest first, as far as they were asked for. */
  readonly members = new Map<string, { readonly limit: number; readonly ids: readonly string[] }>();
  /** What else was looked up, by its want's key. */
  readonly found = new Map<string, unknown>();
  readonly whole = new Set<string>();
  readonly large = new Set<string>();
  /** Messages that were listed by where they were sent, or because a fact of theirs came: seldom more is asked than themselves. */
  readonly sampled = new Set<string>();
  readonly #facts = new Map<string, ArrivedFact>();
  readonly #workflowsOf = new Map<string, readonly string[]>();
  readonly #limits = new Map<string, number>();
  readonly #own = new Set<string>();
  readonly #effects = new Set<string>();
  /** Messages of which all facts in these workflows are at hand. */
  readonly #found: { readonly workflows: ReadonlySet<string>; readonly messages: ReadonlySet<string> }[] = [];
  #index: Index | undefined;

  /** Made again only after more has come. */
  get index(): Index {
    this.#index ??= new Index(this.#facts.values());
    return this.#index;
  }

  /** A fact that is stored twice is told once, as it came first. */
  add(facts: Iterable<ArrivedFact>): void {
    for (const each of facts) {
      const key = `${each.fact.correlation_id}\n${each.fact.fact_id}`;
      const known = this.#facts.get(key);
      if (known === undefined || each.arrival < known.arrival) this.#facts.set(key, each);
    }
    this.#index = undefined;
  }

  /** All facts of the message are at hand; it may be known which workflows name it. */
  resolvedOwn(id: string, workflows?: readonly string[]): void {
    if (workflows !== undefined) this.#workflowsOf.set(id, workflows);
    this.#own.add(id);
  }

  hasOwn(id: string): boolean {
    return this.#own.has(id) || this.hasNamed(id, 1);
  }

  foundIn(workflows: ReadonlySet<string>, messages: ReadonlySet<string>): void {
    this.#found.push({ workflows, messages });
  }

  hasOwnIn(id: string, workflow: string): boolean {
    return this.#found.some(({ workflows, messages }) => workflows.has(workflow) && messages.has(id));
  }

  /** What the message caused is at hand, or `effectsMax` of them. */
  resolvedEffects(id: string): void {
    this.#effects.add(id);
  }

  hasEffects(id: string, limit: number): boolean {
    return this.#effects.has(id) || this.hasNamed(id, limit);
  }

  /** All messages that name the id are at hand, or so many of them. */
  resolved(id: string, limit: number, workflows: readonly string[]): void {
    this.#workflowsOf.set(id, workflows);
    this.#limits.set(id, Math.max(limit, this.#limits.get(id) ?? 0));
  }

  /** Whether whoever asks for so many messages that name the id has them here. */
  hasNamed(id: string, limit: number): boolean {
    const workflows = this.#workflowsOf.get(id);
    if (workflows === undefined) return false;
    return (this.#limits.get(id) ?? 0) >= limit || workflows.every((each) => this.whole.has(each));
  }

  hasMembers(correlationId: string, limit: number): boolean {
    return this.whole.has(correlationId) || (this.members.get(correlationId)?.limit ?? 0) >= limit;
  }
}
