import type { Millis } from '../../core/facts.ts';
import type { LogicalMessage } from './chronicle.ts';
import type { Destination, Subscription } from './destinations.ts';
import type { Aftermath, Turn } from './fate.ts';
import type { Host } from './host.ts';
import type { LogicalPlace } from './logical-place.ts';
import type { TrueExecution } from './truth.ts';
import type { Wire } from './wire.ts';
import type { More } from './work.ts';

/** One copy of a message as it lies at one subscription, with what the broker keeps of it. */
export interface Copy {
  readonly message: LogicalMessage;
  readonly place: LogicalPlace;
  readonly destination: Destination;
  readonly subscription: Subscription;
  readonly wire: Wire;
  readonly brokerId: string;
  /** By the broker's clock. */
  readonly enqueuedAt: Millis;
  /** The broker's own order. */
  readonly position: number;
  readonly label: Label;
  readonly work: More;
  readonly turns: Turn[];
  readonly aftermath: Aftermath;
  /** Called with the host that ended it, once nothing comes after. */
  readonly whenOver: ((host: Host) => void) | null;
  /** Delivers it again, after so many ms. */
  readonly resume: (copy: Copy, afterMs: number) => void;
  failures: number;
  deliveries: number;
  next: TrueExecution['is'];
  standing: 'waiting' | 'running' | 'over';
  /** Who had it last. */
  host: Host | null;
  /** The child whose end let it go, until it has started. */
  releasedBy: string | null;
  readonly deadLettered: boolean;
  readonly schedule: { readonly id: string; readonly dueAt: Millis } | null;
  readonly replay: 'log' | 'backfill' | null;
}

/** What the app reads from the payload, whether there is context or not. */
export interface Label {
  readonly eventType: string;
  readonly tenantId: string | null;
  readonly businessKey: string | null;
}
