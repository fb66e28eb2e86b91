import type { OtelMeter, OtelObserved } from './opentelemetry-api.ts';

export type InstrumentKind = 'counter' | 'up-down counter' | 'histogram' | 'observable counter';

export interface InstrumentEntry {
  readonly name: string;
  readonly kind: InstrumentKind;
  /** By UCUM, as the conventions write it. */
  readonly unit: string;
  readonly description: string;
}

/** What is measured: by OpenTelemetry's names where it has one. docs/metrics.md is made of this. */
export const INSTRUMENTS = {
  sent: {
    name: 'messaging.client.sent.messages',
    kind: 'counter',
    unit: '{message}',
    description: 'Messages handed to a transport, by what it said to them.',
  },
  consumed: {
    name: 'messaging.client.consumed.messages',
    kind: 'counter',
    unit: '{message}',
    description: 'Messages that came to a handler, retries and redeliveries included.',
  },
  run: {
    name: 'messaging.process.duration',
    kind: 'histogram',
    unit: 's',
    description: 'From the start of a run to the end of its handler; a batch is one run.',
  },
  inFlight: {
    name: 'waybill.messages.in_flight',
    kind: 'up-down counter',
    unit: '{message}',
    description: 'Messages whose handler is running.',
  },
  wait: {
    name: 'waybill.messages.wait',
    kind: 'histogram',
    unit: 's',
    description: 'From when a message could first be taken to the start of its run.',
  },
  age: {
    name: 'waybill.messages.age',
    kind: 'histogram',
    unit: 's',
    description: 'From the creation of a message to the start of each of its runs.',
  },
  gaps: {
    name: 'waybill.gaps',
    kind: 'counter',
    unit: '{gap}',
    description: 'Places where context should have been and was not, by the reason.',
  },
  dropped: {
    name: 'waybill.facts.dropped',
    kind: 'observable counter',
    unit: '{fact}',
    description: 'Facts that the recorder had to drop, by the reason.',
  },
} as const satisfies Record<string, InstrumentEntry>;

/** The conventions' own boundaries for `messaging.process.duration`. */
const RUN_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** Messages wait for hours, and days. */
const WAIT_SECONDS = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400, 604_800];

export type Instruments = ReturnType<typeof makeInstruments>;

export function makeInstruments(meter: OtelMeter, observeDropped: (observed: OtelObserved) => void) {
  const { sent, consumed, run, inFlight, wait, age, gaps, dropped } = INSTRUMENTS;
  const counter = ({ name, ...options }: InstrumentEntry) => meter.createCounter(name, options);
  const seconds = ({ name, ...options }: InstrumentEntry, explicitBucketBoundaries: number[]) =>
    meter.createHistogram(name, { ...options, advice: { explicitBucketBoundaries } });
  meter.createObservableCounter(dropped.name, dropped).addCallback(observeDropped);
  return {
    sent: counter(sent),
    consumed: counter(consumed),
    run: seconds(run, RUN_SECONDS),
    inFlight: meter.createUpDownCounter(inFlight.name, inFlight),
    wait: seconds(wait, WAIT_SECONDS),
    age: seconds(age, WAIT_SECONDS),
    gaps: counter(gaps),
  };
}
