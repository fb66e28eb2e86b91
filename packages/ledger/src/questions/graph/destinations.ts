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
  readonly consumers?: number | undefined;
  readonly last_consumer_seen_at?: string | undefined;
  /** Which of these values come from where, and when. Without it all of them are declared. */
  readonly sources?: Readonly<Partial<Record<'declared' | 'learned' | 'probed', ValueSource>>> | undefined;
}

interface ValueSource {
  readonly at: string;
  readonly fields: readonly string[];
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

/** Whether nobody can have taken anything from there between two instants: a probe counted no consumers. */
export function hadNoConsumers(destination: Destination | undefined, since: Millis): boolean {
  if (destination?.consumers !== 0 || !isFrom(destination, 'probed', 'consumers')) return false;
  const seen = destination.last_consumer_seen_at;
  return seen !== undefined && Date.parse(seen) < since;
}

/** Whether a probe found nothing in it, after this instant. */
export function wasEmpty(destination: Destination | undefined, since: Millis): boolean {
  if (destination?.depth !== 0 || !isFrom(destination, 'probed', 'depth')) return false;
  return Date.parse(destination.sources?.probed?.at ?? '') > since;
}

function isFrom({ sources }: Destination, source: 'declared' | 'probed', field: string): boolean {
  return sources?.[source]?.fields.includes(field) === true;
}
