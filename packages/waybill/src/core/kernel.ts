import type { Fact } from './facts.ts';
import type { MintId } from './ids.ts';

/** The inside of an instance: what every part of the core needs of it. Nothing in here throws. */
export interface Kernel {
  readonly service: string;
  readonly instance: string;
  readonly version: string | undefined;
  readonly originateTrace: boolean;
  /** Unix ms. */
  now(): number;
  mint: MintId;
  mintTraceId(): string;
  /** The next fact's number: the ledger counts what a pipeline lost. */
  nextSeq(): number;
  /** False without a recorder: then no fact is made at all. */
  readonly isRecording: boolean;
  record(fact: Fact): void;
}

/** A tenant, operation, event type or business key longer than this is dropped whole and counted: never cut. */
const IDENTITY_LENGTH_MAX = 128;

export function isWhole(text: string | null | undefined): boolean {
  return text == null || (text.length > 0 && text.length <= IDENTITY_LENGTH_MAX);
}

/** An identity as it may be carried; null where there is none, or where it could only be carried cut. */
export function wholeOrNone(text: string | null | undefined): string | null {
  return typeof text === 'string' && isWhole(text) ? text : null;
}
