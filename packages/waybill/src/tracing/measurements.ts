import type { Delivery, Settlement } from '../core/delivery.ts';
import type { GapReason } from '../core/facts.ts';
import { errorTypeOf } from '../core/failure.ts';
import type { Receipt, Send } from '../core/send.ts';
import { type Instruments, makeInstruments } from './instruments.ts';
import { GAP, MetricSeries, RAN, SENT, STARTED } from './metric-series.ts';
import type { OtelAttributes, OtelMeter, OtelMeterProvider, OtelMetrics, OtelObserved } from './opentelemetry-api.ts';

/** Its end is told to what its start was told to, though another provider may be registered by then. */
interface Run {
  readonly instruments: Instruments;
  readonly place: Omit<Delivery, 'envelope'>;
  readonly attributes: OtelAttributes;
  isInFlight: boolean;
}

/** What is measured of a message, when, and under which attributes. */
export class Measurements {
  readonly #metrics: OtelMetrics;
  readonly #noop: OtelMeter | undefined;
  readonly #observeDropped: (observed: OtelObserved) => void;
  readonly #series = new MetricSeries();
  #provider: OtelMeterProvider | undefined;
  #instruments: Instruments | undefined;

  constructor(metrics: OtelMetrics, noop: OtelMeter | undefined, observeDropped: (observed: OtelObserved) => void) {
    this.#metrics = metrics;
    this.#noop = noop;
    this.#observeDropped = observeDropped;
  }

  /** Undefined where no provider is registered. The API has no stand-in that would learn of one, so it is asked anew. */
  #current(): Instruments | undefined {
    const provider = this.#metrics.getMeterProvider();
    if (provider === this.#provider) return this.#instruments;
    this.#provider = provider;
    this.#instruments = undefined; // where it throws there are none
    const meter = provider.getMeter('waybill');
    if (meter !== this.#noop) this.#instruments = makeInstruments(meter, this.#observeDropped);
    return this.#instruments;
  }

  sent({ kind, system, destination }: Send, receipt: Receipt): void {
    // What is created and not sent yet is counted when it is sent. An outgoing request is no message to a dashboard.
    if (receipt.status === 'pending' || kind === 'request') return;
    const error = errorOfSend(receipt);
    this.#current()?.sent.add(1, this.#series.of(SENT, system, destination, receipt.status, error));
  }

  started(place: Omit<Delivery, 'envelope'>, sentAt: number | null, at: number): Run | undefined {
    const instruments = this.#current();
    if (instruments === undefined) return undefined;
    const { system, destination, subscription, replay } = place;
    const attributes = this.#series.of(STARTED, system, destination, subscription);
    const readyAt = readyAtOf(place);
    if (readyAt !== undefined) instruments.wait.record(seconds(at - readyAt), attributes);
    // A log that is read again is as old as it is, and nobody has waited.
    if (sentAt !== null && replay === undefined) instruments.age.record(seconds(at - sentAt), attributes);
    instruments.consumed.add(1, attributes);
    instruments.inFlight.add(1, attributes); // last: had one before it thrown, nothing would take this back
    return { instruments, place, attributes, isInFlight: true };
  }

  ended(run: Run): void {
    if (run.isInFlight) run.instruments.inFlight.add(-1, run.attributes);
    run.isInFlight = false;
  }

  ran({ instruments, place }: Run, { outcome, error }: Settlement, ms: number): void {
    const { system, destination, subscription } = place;
    const errorType = FAILURES.has(outcome) ? errorTypeOf(error ?? UNSAID) : undefined;
    instruments.run.record(seconds(ms), this.#series.of(RAN, system, destination, subscription, outcome, errorType));
  }

  gap({ system, destination }: Pick<Send, 'system' | 'destination'>, reason: GapReason): void {
    this.#current()?.gaps.add(1, this.#series.of(GAP, system, destination, reason));
  }
}

const FAILURES: ReadonlySet<Settlement['outcome']> = new Set(['retry', 'dead', 'failed']);
const UNSAID = new Error();

function errorOfSend({ status, error }: Receipt): string | undefined {
  if (error !== undefined) return errorTypeOf(error);
  return status === 'refused' ? status : undefined;
}

/** No histogram takes less than nothing, and the clocks of two hosts differ. */
function seconds(ms: number): number {
  return Math.max(0, ms) / 1000;
}

/**
 * Since when a message could be taken. Of a retry only its adapter knows; of a first delivery the broker tells, but
 * for a parent that has waited for its children, and for a log that is read again.
 */
function readyAtOf(delivery: Omit<Delivery, 'envelope'>): number | undefined {
  const { readyAt, schedule, enqueuedAt, replay, releasedBy, attempt = 1, deliveryCount = 1, redelivered } = delivery;
  if (replay !== undefined || releasedBy !== undefined) return undefined;
  if (readyAt !== undefined) return readyAt;
  const isFirst = attempt === 1 && deliveryCount === 1 && redelivered !== true;
  return isFirst ? (schedule?.dueAt ?? enqueuedAt) : undefined;
}
