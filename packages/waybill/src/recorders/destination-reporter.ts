import type { DestinationReport, Probe } from '../core/destination-report.ts';
import { createSafeguard, reasonOf, warn } from '../core/safeguard.ts';
import type { HttpPost } from './http-post.ts';

/** As many as a ledger takes in one document. */
const AT_ONCE_MAX = 1000;

interface Times {
  /** Between two rounds. */
  readonly everyMs: number;
  /** For which a probe is waited for. */
  readonly timeoutMs: number;
}

/** Empty where it failed, or has not answered yet: a broker that hangs is not asked again until it has. */
type Asking = () => Promise<readonly DestinationReport[]>;

/**
 * Asks all probes every now and then, and posts what they said. One round at a time; nothing of it throws, or keeps
 * the process alive.
 */
export class DestinationReporter {
  readonly #post: HttpPost;
  readonly #times: Times;
  readonly #enter: <R>(work: () => R) => R;
  readonly #guard = createSafeguard(Date.now);
  readonly #askings: Asking[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Of the last round; warned of once. */
  #problem: string | undefined;
  #isClosed = false;

  /** @param enter Where its timers, requests and probes are to be: outside every scope and span. */
  constructor(post: HttpPost, times: Times, enter: <R>(work: () => R) => R) {
    this.#post = post;
    this.#times = times;
    this.#enter = enter;
  }

  add(probe: Probe): void {
    this.#askings.push(
      patiently(
        this.#guard('probe', probe, async () => []),
        this.#times.timeoutMs,
      ),
    );
    if (this.#timer === undefined) this.#schedule();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#post.close();
  }

  #schedule(): void {
    if (this.#isClosed) return;
    this.#timer = this.#enter(() =>
      setTimeout(() => void this.#round().finally(() => this.#schedule()), this.#times.everyMs),
    );
    this.#timer.unref();
  }

  async #round(): Promise<void> {
    const problem = await this.#tell().catch(reasonOf);
    if (problem !== undefined && this.#problem === undefined && !this.#isClosed)
      warn(`The ledger was not told what probes say (${problem}); they are asked again.`);
    this.#problem = problem;
  }

  /** Asks all, and gives why the ledger does not know; undefined where it does. */
  async #tell(): Promise<string | undefined> {
    const destinations = (await Promise.all(this.#askings.map((ask) => ask()))).flat();
    if (destinations.length === 0 || this.#isClosed) return undefined;
    const at = new Date().toISOString();
    const seen = destinations.map((each) => (each.consumers ? { last_consumer_seen_at: at, ...each } : each));
    for (let from = 0; from < seen.length; from += AT_ONCE_MAX) {
      const report = {
        schema: 'waybill.destinations/1',
        source: 'probed',
        at,
        destinations: seen.slice(from, from + AT_ONCE_MAX),
      };
      const { status } = await this.#post.post(JSON.stringify(report));
      if (status === 0 || status >= 400) return status === 0 ? 'no answer' : `HTTP ${status}`;
    }
    return undefined;
  }
}

function patiently(probe: Probe, timeoutMs: number): Asking {
  let isAsked = false;
  const answer = async () => {
    isAsked = true;
    try {
      return [await probe()].flat();
    } catch {
      return []; // counted by the guard
    } finally {
      isAsked = false;
    }
  };
  return async () => {
    if (isAsked) return [];
    const overdue = Promise.withResolvers<[]>();
    const timer = setTimeout(overdue.resolve, timeoutMs, []).unref();
    return Promise.race([answer(), overdue.promise]).finally(() => clearTimeout(timer));
  };
}
