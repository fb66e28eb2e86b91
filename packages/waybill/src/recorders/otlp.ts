import type { Probe } from '../core/destination-report.ts';
import { waybillError } from '../core/errors.ts';
import type { Fact, Recorder } from '../core/facts.ts';
import { mintId } from '../core/ids.ts';
import { checkOptions, isCount, isText } from '../core/options.ts';
import { warn } from '../core/safeguard.ts';
import { runOutsideScopes } from '../core/scope.ts';
import { DestinationReporter } from './destination-reporter.ts';
import { countDrops, type Drops } from './drops.ts';
import { FactBuffer } from './fact-buffer.ts';
import { HttpPost, type Posted } from './http-post.ts';
import { encodeLogs } from './otlp-logs.ts';

export interface OtlpRecorderOptions {
  /** Any OTLP/HTTP receiver; `WAYBILL_URL`, else the ledger on this machine, if left out. */
  readonly url?: string | undefined;
  /** Sent as a bearer token; `WAYBILL_TOKEN`, if left out. */
  readonly token?: string | undefined;
  /** How long a fact may wait for others, in ms; 500, if left out. */
  readonly flushMs?: number | undefined;
  /** Facts in one request; 512, if left out. */
  readonly batchMax?: number | undefined;
  /** Facts that may wait while the receiver is away; 20,000, if left out. */
  readonly bufferMax?: number | undefined;
  /** How long one request, or one probe, may take, in ms; 10,000, if left out. */
  readonly timeoutMs?: number | undefined;
  /** How long between two rounds of asking probes, in ms; 15,000, if left out. */
  readonly probeMs?: number | undefined;
}

const DEFAULT_URL = 'http://127.0.0.1:7733';
const BUFFER_BYTES_MAX = 64 * 1024 * 1024;
const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 30_000;
/** How often, and for how long, `close` tries before it counts what is left as dropped: a stopping app has no more. */
const CLOSING_TRIES = 3;
const CLOSING_MS_MAX = 5_000;

/**
 * Sends facts to a ledger or a collector, in the background: bounded, with what had to be dropped counted, and
 * told as a fact. It never throws, blocks a job or keeps the process alive; `close` waits for the last batch.
 *
 * @throws OPTION_INVALID and OPTION_UNKNOWN for a mistake in the options.
 */
export function otlpRecorder(options: OtlpRecorderOptions = {}): Recorder {
  checkOptions('otlpRecorder', options, {
    url: isText,
    token: isText,
    flushMs: isCount,
    batchMax: isCount,
    bufferMax: isCount,
    timeoutMs: isCount,
    probeMs: isCount,
  });
  return new OtlpRecorder(options);
}

function logsUrl(given: string): URL {
  let url: URL | undefined;
  try {
    url = new URL(given);
  } catch {
    // reported below, together with a wrong protocol
  }
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw waybillError('OPTION_INVALID', 'otlpRecorder', 'url', 'an http or https address', JSON.stringify(given));
  }
  if (!url.pathname.endsWith('/v1/logs')) url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/logs`;
  return url;
}

/** Where a ledger is told of its destinations, beside where it takes facts. */
function destinationsUrl(logs: URL): URL {
  const url = new URL(logs);
  url.pathname = url.pathname.replace(/\/v1\/logs$/, '/api/v1/destinations');
  return url;
}

/** Files and variables end in a line break, which no header may hold: each request would throw. */
function tokenOf(given: string | undefined): string | undefined {
  const token = given?.trim();
  if (token === undefined || /^[\x21-\x7e]*$/.test(token)) return token;
  throw waybillError('OPTION_INVALID', 'otlpRecorder', 'token', 'visible ASCII characters', 'others among them');
}

/** Private state of one background sender: a buffer, a timer, one request under way. */
class OtlpRecorder implements Recorder {
  readonly #buffer: FactBuffer;
  readonly #post: HttpPost;
  readonly #reporter: DestinationReporter;
  readonly #drops: Drops = countDrops();
  readonly #flushMs: number;
  readonly #batchMax: number;
  /** Outside every scope, and where a tracer runs outside every span: what happens here is no request's doing. */
  #enter: <R>(work: () => R) => R = runOutsideScopes;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #unsent: Fact[] = [];
  #failures = 0;
  #retryAfterMs = 0;
  #isClosed = false;

  constructor(options: OtlpRecorderOptions) {
    const token = tokenOf(options.token ?? process.env['WAYBILL_TOKEN']);
    const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
    const url = logsUrl(options.url ?? (process.env['WAYBILL_URL'] || DEFAULT_URL));
    const timeoutMs = options.timeoutMs ?? 10_000;
    this.#post = new HttpPost(url, headers, timeoutMs);
    const reports = new HttpPost(destinationsUrl(url), headers, timeoutMs);
    const times = { everyMs: options.probeMs ?? 15_000, timeoutMs };
    this.#reporter = new DestinationReporter(reports, times, (work) => this.#enter(work));
    const limits = { countMax: options.bufferMax ?? 20_000, bytesMax: BUFFER_BYTES_MAX };
    this.#buffer = new FactBuffer(limits, (fact) => this.#drops.add(fact, 'buffer full'));
    this.#flushMs = options.flushMs ?? 500;
    this.#batchMax = options.batchMax ?? 512;
  }

  record(fact: Fact): void {
    if (this.#isClosed) {
      this.#drops.add(fact, 'recorder closed');
      return;
    }
    this.#buffer.add(fact);
    if (this.#timer === undefined) this.#schedule(this.#flushMs);
    else if (this.#buffer.count === this.#batchMax && this.#failures === 0) this.#schedule(0);
  }

  runsIn(enter: <R>(work: () => R) => R): void {
    this.#enter = (work) => runOutsideScopes(() => enter(work));
  }

  watch(probe: Probe): void {
    this.#reporter.add(probe);
  }

  dropped(): ReadonlyMap<string, number> {
    return this.#drops.sinceStart;
  }

  async flush(): Promise<void> {
    this.#post.hold();
    // Somebody awaits this: an unreferenced socket alone would let the process end in the middle.
    const overdue = Promise.withResolvers<void>();
    const alive = this.#enter(() => setTimeout(overdue.resolve, CLOSING_MS_MAX));
    const deadline = Date.now() + CLOSING_MS_MAX;
    try {
      for (let tries = 0; this.#hasWork() && tries < CLOSING_TRIES && Date.now() < deadline; ) {
        const failuresBefore = this.#failures;
        await Promise.race([this.#sendOnce(), overdue.promise]);
        if (this.#failures > failuresBefore) tries++;
      }
    } finally {
      clearTimeout(alive);
      this.#post.release();
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#reporter.close();
    await this.flush();
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const fact of [...this.#unsent, ...this.#buffer.take(Number.MAX_SAFE_INTEGER)])
      this.#drops.add(fact, 'receiver away');
    this.#unsent = [];
    const lost = this.#drops.total();
    if (lost > 0) warn(`The OTLP recorder closed with ${lost} facts that nobody received.`);
    this.#post.close();
  }

  #hasWork(): boolean {
    return this.#unsent.length > 0 || this.#buffer.count > 0 || this.#sending !== undefined;
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = this.#enter(() => setTimeout(() => void this.#sendOnce(), delayMs).unref());
  }

  /** Sends one batch; never two at a time. */
  #sendOnce(): Promise<void> {
    this.#sending ??= this.#send()
      .catch(() => this.#giveUp('cannot be sent'))
      .finally(() => {
        this.#sending = undefined;
        this.#timer = undefined;
        if (!this.#isClosed && this.#hasWork()) this.#schedule(this.#failures === 0 ? this.#nextMs() : this.#retryMs());
      });
    return this.#sending;
  }

  #nextMs(): number {
    return this.#buffer.count >= this.#batchMax ? 0 : this.#flushMs;
  }

  #retryMs(): number {
    return Math.max(this.#retryAfterMs, Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** Math.min(this.#failures - 1, 16)));
  }

  async #send(): Promise<void> {
    if (this.#unsent.length === 0) {
      const taken = this.#buffer.take(this.#batchMax);
      if (taken.length === 0) return;
      // What was dropped is told under one id, however often it is sent: an answer may be lost, and not the request.
      this.#unsent = [...this.#drops.take((at) => mintId('fct', at)), ...taken];
    }
    const body = encodeLogs(this.#unsent);
    const posted = await this.#enter(() => this.#post.post(body));
    this.#retryAfterMs = Math.min(posted.retryAfterMs ?? 0, RETRY_MS_MAX);
    if (isPassing(posted)) {
      if (++this.#failures === 1) warn(`The ledger does not take facts (${reasonOf(posted)}); they wait in memory.`);
      return;
    }
    this.#failures = 0;
    if (posted.status >= 400) this.#giveUp(`refused: ${reasonOf(posted)}`);
    else this.#countRejected(posted.body);
    this.#unsent = [];
  }

  /** Taken as a whole, and some of it not: the answer says how many, and not which. */
  #countRejected(body: string): void {
    const rejected = Math.min(rejectedOf(body), this.#unsent.length);
    if (rejected > 0) warn(`The ledger rejected ${rejected} of ${this.#unsent.length} facts; they are lost.`);
    for (const fact of this.#unsent.slice(0, rejected)) this.#drops.add(fact, 'rejected');
  }

  /** One batch that cannot be sent must not hold up all that come after it, nor end the process. */
  #giveUp(why: string): void {
    warn(`The ledger did not get ${this.#unsent.length} facts (${why}); they are lost.`);
    for (const fact of this.#unsent) this.#drops.add(fact, why);
    this.#unsent = [];
  }
}

/** Whether it is worth trying again: no answer, or one that says "later". */
function isPassing({ status }: Posted): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

function reasonOf({ status }: Posted): string {
  return status === 0 ? 'no answer' : `HTTP ${status}`;
}

/** How many records an OTLP answer says were not taken; 0 for an answer that says nothing of it. */
function rejectedOf(body: string): number {
  try {
    // A count of 64 bits is text in JSON.
    const count = Number(JSON.parse(body)?.partialSuccess?.rejectedLogRecords ?? 0);
    return Number.isSafeInteger(count) && count > 0 ? count : 0;
  } catch {
    return 0;
  }
}
