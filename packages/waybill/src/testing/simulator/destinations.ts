import type { Clock, Host } from './host.ts';
import type { Transport } from './transports.ts';
import type { Trouble } from './troubles.ts';
import type { DeclaredDestination } from './truth.ts';

export interface Destination {
  readonly name: string;
  readonly kind: DeclaredDestination['kind'];
  readonly transport: Transport;
  readonly broker: Clock;
  readonly subscriptions: readonly [Subscription, ...Subscription[]];
  /** False where a service reads it that carries no context and records nothing. */
  readonly isInstrumented: boolean;
  readonly deadlineMs: number | null;
  /** What its consumers stumble over. */
  readonly troubles: readonly [Trouble, Trouble];
  nextBrokerId(): string;
}

export interface Subscription {
  readonly name: string;
  readonly hosts: readonly [Host, ...Host[]];
  /** The broker's positions of what could start there and has not: the earliest first. */
  readonly waiting: Set<number>;
  /** Where its dead letters go, and who reads them there. */
  readonly deadLetters: Destination | null;
}

/** As a platform engineer would write it down. */
export function declarationOf(destination: Destination): DeclaredDestination {
  const { name, kind, transport, subscriptions, isInstrumented, deadlineMs } = destination;
  const [first, ...others] = subscriptions;
  return {
    name,
    kind,
    system: transport.system,
    subscriptions: subscriptions.map((subscription) => subscription.name),
    instrumented: isInstrumented,
    deadline_ms: deadlineMs ?? undefined,
    lease_ms: transport.leaseMs ?? undefined,
    max_attempts: transport.maxAttempts ?? undefined,
    dead_letter: others.length === 0 ? first.deadLetters?.name : undefined,
  };
}
