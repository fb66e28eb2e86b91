import type { Send } from '../../core/send.ts';
import type { Copy } from './copy.ts';
import type { Destination } from './destinations.ts';
import type { Fate, Temper } from './fate.ts';
import type { Host } from './host.ts';
import type { Wait } from './logical-place.ts';
import type { More } from './work.ts';

/** A message that is to be sent: where to, and what is to come of it. */
export interface PlannedSend {
  readonly to: Destination;
  readonly eventType: string;
  /** What each subscription does with it; nothing, if left out. */
  readonly work?: (subscription: string) => More;
  readonly temper?: Temper;
  /** Where its fate is part of the story. */
  readonly fate?: Fate;
  readonly delayMs?: number;
  readonly dueMs?: number;
  readonly send?: Partial<Send>;
  /** Nothing befalls it between sender and receiver. */
  readonly isTight?: boolean;
  /** In a workflow of its own. */
  readonly isNewWorkflow?: boolean;
  /** Nobody takes it sooner. */
  readonly restMs?: number;
  /** Waits there for others before its first start. */
  readonly wait?: Wait;
  readonly whenOver?: (host: Host) => void;
  /** Who takes it from the broker; an ordinary handler, if left out. */
  readonly take?: (copy: Copy, afterMs: number) => void;
}
