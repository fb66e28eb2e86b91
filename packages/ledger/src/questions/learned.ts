import type { Millis } from 'waybill';
import type { FactReader, Stretch } from '../store/store.ts';
import type { KnownDestinations } from './graph/destinations.ts';
import { messagesOf } from './graph/memory-source.ts';
import type { OwnFacts } from './graph/own-facts.ts';
import { slicesMax, spreadSample } from './spread-sample.ts';

/** What the facts of a sample of messages show of a destination; null where they are too few to say. */
export interface Learned {
  readonly system: string | null;
  readonly subscriptions: readonly string[];
  readonly queued_p50_ms: number | null;
  readonly queued_p99_ms: number | null;
  readonly run_p99_ms: number | null;
}

/** So many messages are read at most. */
const readMaxDefault = 144;
/** Fewer have no percentile that is worth the name. */
const leastKnown = 20;
const hourMs = 3_600_000;

/** How long messages that were sent there in this time waited, and ran: about so many of them are read at most. */
export function learnedOf(
  reader: FactReader,
  destination: string,
  stretch: Stretch,
  asOf: Millis,
  readMax = readMaxDefault,
): Learned {
  const facts = reader.factsOf(sampled(reader, destination, stretch, readMax)).filter(({ at }) => at <= asOf);
  const messages = [...messagesOf(facts).values()];
  const starts = messages.flatMap(({ started }) => started.filter((fact) => fact.destination === destination));
  const waits = messages.flatMap((own) => waitOf(own, destination));
  const runs = messages.flatMap((own) => runsOf(own, destination));
  return {
    system:
      messages.flatMap(({ sent }) => sent.find((fact) => fact.destination === destination)?.system ?? [])[0] ?? null,
    subscriptions: [...new Set(starts.flatMap(({ subscription }) => subscription ?? []))].sort(),
    queued_p50_ms: percentile(waits, 0.5),
    queued_p99_ms: percentile(waits, 0.99),
    run_p99_ms: percentile(runs, 0.99),
  };
}

/** Of the hour before an instant; where that has too few runs, what was learned before, if anybody kept it. */
export function runP99Of(
  reader: FactReader,
  destinations: KnownDestinations,
  destination: string,
  before: Millis,
): number | null {
  const { run_p99_ms } = learnedOf(
    reader,
    destination,
    { since: before - hourMs, until: before + 1, tenantId: null },
    before,
  );
  return run_p99_ms ?? destinations.get(destination)?.run_p99_ms ?? null;
}

/** Spread over the time. Where a part of it has its share and they are too few, there may be more of that part. */
function sampled(reader: FactReader, destination: string, stretch: Stretch, readMax: number): readonly string[] {
  const spread = spreadSample(reader, destination, stretch, readMax);
  const isFew = spread.length < leastKnown && spread.length >= Math.floor(readMax / slicesMax);
  return isFew ? thinned(spreadSample(reader, destination, stretch, readMaxDefault), readMax) : spread;
}

/** Some of them, as far apart as they can be. */
function thinned(ids: readonly string[], max: number): readonly string[] {
  if (ids.length <= max) return ids;
  return Array.from({ length: max }, (_, place) => ids[Math.floor((place * ids.length) / max)] ?? '');
}

/** From its send to its first start there; what was delayed waited for its own time. */
function waitOf({ sent, started }: OwnFacts, destination: string): number[] {
  const send = sent.find((fact) => fact.destination === destination);
  const start = started.find((fact) => fact.destination === destination);
  if (send === undefined || start === undefined || send.not_before !== undefined) return [];
  return [Math.max(0, start.at - send.at)];
}

function runsOf({ started, settled }: OwnFacts, destination: string): number[] {
  return started.flatMap((start) => {
    const end = settled.find((fact) => fact.execution_id === start.execution_id && fact.outcome !== 'skipped');
    return start.destination !== destination || end === undefined ? [] : [Math.max(0, end.at - start.at)];
  });
}

/** By the nearest rank. */
function percentile(values: readonly number[], share: number): number | null {
  if (values.length < leastKnown) return null;
  return values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? null;
}
