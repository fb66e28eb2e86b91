import type { Delivery, Settlement } from './delivery.ts';
import type { GapReason, Recorder } from './facts.ts';
import type { Receipt, Send } from './send.ts';

/** A meter beside us, for numbers by destination: a bridge brings it, and no recorder is needed. Nothing in it throws. */
export interface Metering {
  /** What the transport has answered to a send. */
  sent(send: Send, receipt: Receipt): void;
  /** A message has come to its handler; undefined where nobody measures. */
  started(place: Omit<Delivery, 'envelope'>, sentAt: number | null, at: number): MessageMeter | undefined;
  gap(place: Pick<Send, 'system' | 'destination'>, reason: GapReason): void;
  /** From now on what this recorder had to drop is counted too. */
  watch(recorder: Recorder): void;
}

/** One message at its handler. */
export interface MessageMeter {
  /** The handler's own end; where nobody tells it, the settlement. Of several calls the first. */
  ended(): void;
  /** How long the run took, and how it ended; of a batch told once, for all its messages. */
  ran(settlement: Settlement, ms: number): void;
}
