import type { Millis, Outcome } from '../../core/facts.ts';
import type { TrueExecution, TruePlace, TrueSegment, TrueSegmentKind, TrueState } from './truth.ts';

/** What a message is waiting for, from one of its executions to the next. */
export interface Wait {
  readonly kind: Exclude<TrueSegmentKind, 'run'>;
  /** When that is over, and it only lies in its queue; null where it lasts to the next start. Asked late: it may not be known yet. */
  readonly until: () => Millis | null;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** How the generator knows a message to stand, whoever could tell. */
type Standing =
  | 'unstarted'
  | 'running'
  | 'waiting'
  | 'abandoned'
  | 'done'
  | 'dead'
  | 'buried'
  | 'discarded'
  | 'unknown';

const QUEUED: Wait = { kind: 'queued', until: () => null };
/** Over, unless somebody wants it to run again. */
const PARKED: Wait = { kind: 'parked', until: () => null };

/** One message at one subscription, as it really fared there. All instants are given, by the clock of whoever acts. */
export class LogicalPlace {
  readonly destination: string;
  readonly subscription: string | null;
  readonly #executions: Mutable<TrueExecution>[] = [];
  readonly #segments: TrueSegment[] = [];
  #standing: Standing = 'unstarted';
  #begin: Millis | undefined;
  #dueAt: Millis | undefined;
  #cursor: Millis | undefined;
  #wait = QUEUED;
  #isAsserted = true;

  constructor(destination: string, subscription: string | null) {
    this.destination = destination;
    this.subscription = subscription;
  }

  /** It came to lie there. Only the first time counts: a copy, a redrive or a relay begins nothing. */
  begins(at: Millis, { wait, dueAt }: { readonly wait?: Wait | undefined; readonly dueAt?: Millis | undefined }): void {
    if (this.#begin !== undefined || this.#executions.length > 0) return;
    this.#begin = at;
    this.#cursor = at;
    this.#dueAt = dueAt;
    if (wait !== undefined) this.#wait = wait;
  }

  starts(at: Millis, executionId: string, is: TrueExecution['is']): void {
    const outcome: TrueExecution['outcome'] = 'open';
    if (is !== 'duplicate') {
      const last = this.#executions.findLast((execution) => execution.is !== 'duplicate');
      if (last?.outcome === 'open') last.outcome = 'lost';
      this.#elapse(at, true);
      this.#standing = 'running';
    }
    this.#executions.push({ executionId, is, outcome });
  }

  settles(at: Millis, executionId: string, outcome: Outcome, wait: Wait = QUEUED): void {
    const execution = this.#executions.find((own) => own.executionId === executionId);
    if (execution === undefined) throw new Error(`${executionId} settled, and never started`);
    execution.outcome = outcome;
    if (outcome === 'skipped') return;
    this.#pass('run', at);
    this.#wait = outcome === 'dead' || outcome === 'ok' ? PARKED : wait;
    this.#standing = outcome === 'ok' ? 'done' : outcome === 'dead' ? 'dead' : 'waiting';
  }

  /** Whoever ran it went silent. */
  abandons(leaseUntil: Millis | null): void {
    this.#wait = { kind: 'lease_lost', until: () => leaseUntil };
    this.#standing = 'abandoned';
  }

  discards(at: Millis): void {
    this.#elapse(at, false);
    this.#standing = 'discarded';
  }

  /** It never came to lie there: refused, or another message stood in its place. */
  refuses(): void {
    this.#standing = 'discarded';
    this.#isAsserted = false;
  }

  /** A dead letter: nobody may ever read it there. */
  buries(): void {
    this.#standing = 'buried';
  }

  /** No fact of anybody can tell from here on. */
  vanishes(): void {
    this.#standing = 'unknown';
    this.#isAsserted = false;
  }

  /** Instants at which the truth changes without anybody acting: as-of had better not lie beside them. */
  get turningPoints(): readonly Millis[] {
    if (this.#standing === 'unstarted') return [this.#dueAt, this.#wait.until()].filter((at) => at != null);
    const isPending = this.#standing === 'waiting' || this.#standing === 'abandoned';
    return isPending ? [this.#wait.until()].filter((at) => at !== null) : [];
  }

  /** A worker went silent, and until then nobody could tell it from one that works. */
  get silentUntil(): Millis {
    return this.#standing === 'abandoned' ? (this.#wait.until() ?? 0) : 0;
  }

  close(asOf: Millis): TruePlace {
    const standing = this.#standing;
    if (standing === 'running') this.#pass('run', asOf);
    const leaseUntil = standing === 'abandoned' ? this.#wait.until() : null;
    if (standing === 'unstarted' || standing === 'waiting' || standing === 'abandoned') this.#elapse(asOf, false);
    const { destination, subscription } = this;
    const executions = this.#executions;
    const segments = this.#isAsserted && standing !== 'buried' ? this.#segments : [];
    const place = { destination, subscription, segments, executions };
    if (standing === 'unstarted' && this.#dueAt !== undefined && this.#dueAt < asOf) {
      return { ...place, state: 'overdue', overdue: { kind: 'never_started', dueAt: this.#dueAt } };
    }
    if (leaseUntil !== null) {
      if (leaseUntil >= asOf) throw new Error('nobody can tell yet that its worker went silent');
      return { ...place, state: 'overdue', overdue: { kind: 'never_settled', dueAt: leaseUntil } };
    }
    return { ...place, state: STATES[standing], overdue: null };
  }

  /** What it waited for, then its queue. Who has not started yet may be waiting still. */
  #elapse(to: Millis, isStarting: boolean): void {
    const { kind, until } = this.#wait;
    const end = until();
    if (end === null) this.#pass(kind, to);
    else {
      this.#pass(kind, isStarting ? end : Math.min(end, to));
      this.#pass('queued', to);
    }
    this.#wait = QUEUED;
  }

  #pass(kind: TrueSegmentKind, to: Millis): void {
    const from = this.#cursor ?? to;
    if (from !== to) this.#segments.push({ kind, from, to });
    this.#cursor = to;
  }
}

const STATES: Readonly<Record<Standing, TrueState>> = {
  unstarted: 'waiting',
  running: 'running',
  waiting: 'waiting',
  abandoned: 'running',
  done: 'done',
  dead: 'dead',
  buried: 'dead',
  discarded: 'discarded',
  unknown: 'unknown',
};
