import type { Millis } from 'waybill';

/** What is known of a destination beside facts: declared, learned or probed. What is absent is not known. */
export interface Destination {
  readonly name: string;
  readonly kind?: 'queue' | 'topic' | 'ingress' | 'dead-letter' | undefined;
  readonly system?: string | undefined;
  readonly subscriptions?: readonly string[] | undefined;
  /** Subscriptions that take messages and record no facts. */
  readonly uninstrumented_subscriptions?: readonly string[] | undefined;
  /** False where no consumer of it records facts. */
  readonly instrumented?: boolean | undefined;
  readonly deadline_ms?: number | undefined;
  readonly lease_ms?: number | undefined;
  readonly max_attempts?: number | undefined;
  readonly dead_letter?: string | undefined;
  readonly depth?: number | undefined;
  /** How long what waits there has waited at most. */
  readonly oldest_ms?: number | undefined;
  readonly consumers?: number | undefined;
  readonly last_consumer_seen_at?: string | undefined;
  readonly queued_p50_ms?: number | undefined;
  readonly queued_p99_ms?: number | undefined;
  readonly run_p99_ms?: number | undefined;
  /** Which of these values come from where, and when. Without it all of them are declared. */
  readonly sources?: Readonly<Partial<Record<'declared' | 'learned' | 'probed', ValueSource>>> | undefined;
}

interface ValueSource {
  /** When the last of its values was said. */
  readonly at: string;
  readonly fields: readonly string[];
  /** When the others were, where that is longer ago. */
  readonly older?: Readonly<Record<string, string>>;
}

/** By name. */
export type KnownDestinations = Pick<ReadonlyMap<string, Destination>, 'get' | 'has'>;

export function byName(destinations: readonly Destination[]): KnownDestinations {
  return new Map(destinations.map((destination) => [destination.name, destination]));
}

/**
 * The subscriptions that each get a copy of every message. Learned ones are left out: nobody knows since when they
 * are there, and a message that was sent before is nothing they wait for.
 */
export function copiedTo(destination: Destination | undefined): readonly string[] {
  if (destination?.subscriptions === undefined || destination.kind === 'ingress') return [];
  if (destination.sources !== undefined && !isFrom(destination, 'declared', 'subscriptions')) return [];
  return destination.kind === 'topic' || destination.subscriptions.length === 1 ? destination.subscriptions : [];
}

/** Who takes a message from there, where that can only be one. */
export function onlySubscription(destination: Destination | undefined): string | null {
  const [only, ...others] = destination?.subscriptions ?? [];
  return only === undefined || others.length > 0 ? null : only;
}

/** Whether nobody records what is taken from there: by this subscription, or by none where it is null. */
export function isDark(destination: Destination | undefined, subscription: string | null): boolean {
  if (destination === undefined) return false;
  const dark = destination.uninstrumented_subscriptions ?? [];
  if (destination.instrumented === false) return true;
  if (subscription !== null) return dark.includes(subscription);
  return dark.length > 0 && (destination.subscriptions ?? dark).every((each) => dark.includes(each));
}

/** For so long after a probe nothing else is believed. */
const probeMsMax = 300_000;

/** That nobody is there to take messages, and since when. */
export interface NoConsumers {
  readonly since: Millis | null;
}

/** What a probe measured not long ago; null where none did. */
export function probedNow(
  destination: Destination,
  field: 'depth' | 'oldest_ms' | 'consumers',
  asOf: Millis,
): number | null {
  const at = probedAt(destination, field);
  return at === null || at < asOf - probeMsMax ? null : (destination[field] ?? null);
}

/** Whether a probe, not long ago, counted no consumers. */
export function noConsumersAt(destination: Destination | undefined, asOf: Millis): NoConsumers | null {
  if (destination === undefined || probedNow(destination, 'consumers', asOf) !== 0) return null;
  const seen = destination.last_consumer_seen_at;
  return { since: seen === undefined ? null : Date.parse(seen) };
}

/** Whether nobody can have taken what was sent there at this instant, as far as probes tell. */
export function hadNoConsumers(destination: Destination | undefined, since: Millis, asOf: Millis): boolean {
  const seen = noConsumersAt(destination, asOf)?.since ?? null;
  return seen !== null && seen < since;
}

/** Whether a probe found nothing in it, after this instant. */
export function wasEmpty(destination: Destination | undefined, since: Millis): boolean {
  return destination?.depth === 0 && (probedAt(destination, 'depth') ?? since) > since;
}

/** Whether no wait there is too long but for a deadline: nobody waits for what was put aside, and a declaration is whole. */
export function isWithoutUsual(destination: Destination | undefined): boolean {
  if (destination === undefined) return false;
  return destination.kind === 'dead-letter' || destination.sources === undefined || 'declared' in destination.sources;
}

/** How long a handler may take before its message is delivered again. A probed one may be renewed meanwhile. */
export function declaredLeaseMs(destination: Destination | undefined): number | null {
  if (destination?.lease_ms === undefined || destination.kind === 'topic') return null;
  return destination.sources === undefined || isFrom(destination, 'declared', 'lease_ms') ? destination.lease_ms : null;
}

function probedAt({ sources }: Destination, field: string): Millis | null {
  const probed = sources?.probed;
  return probed?.fields.includes(field) ? Date.parse(probed.older?.[field] ?? probed.at) : null;
}

function isFrom({ sources }: Destination, source: 'declared', field: string): boolean {
  return sources?.[source]?.fields.includes(field) === true;
}
