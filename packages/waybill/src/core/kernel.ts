import type { DestinationPolicy } from './destination-policy.ts';
import type { Dialect } from './dialect.ts';
import type { Fact } from './facts.ts';
import type { MintId } from './ids.ts';
import type { Metering } from './metering.ts';
import type { Tracing } from './tracing.ts';

/** The inside of an instance: what every part of the core needs of it. Nothing in here throws. */
export interface Kernel {
  readonly service: string;
  readonly instance: string;
  readonly version: string | undefined;
  readonly originateTrace: boolean;
  readonly tracing: Tracing | undefined;
  readonly metering: Metering | undefined;
  /** Where schedules of one name are the same: the environment, and the service. */
  readonly namespace: string;
  readonly dialects: readonly Dialect[];
  /** Undefined for most destinations: the defaults hold. */
  policyOf(destination: string): DestinationPolicy | undefined;
  /** Unix ms. */
  now(): number;
  mint: MintId;
  mintTraceId(): string;
  /** The next fact's number: the ledger counts what a pipeline lost. */
  nextSeq(): number;
  /** Without a tracer the work itself. */
  untraced<R>(work: () => R): R;
  /** False without a recorder: then no fact is made at all. */
  readonly isRecording: boolean;
  record(fact: Fact): void;
}
