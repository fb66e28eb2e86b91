import type { Millis } from '../../core/facts.ts';
import type { LogicalMessage } from './chronicle.ts';
import type { Host } from './host.ts';
import type { Wait } from './logical-place.ts';

/** Children that their parent waits for. */
export interface Gate {
  /** One of them has ended. */
  ended(child: LogicalMessage, host: Host): void;
  /** Lets the parent go once the last of them has ended, and tells it which that was. */
  hold(release: (releasedBy: string | null) => void): void;
  readonly wait: Wait;
}

export function createGate(count: number): Gate {
  let left = count;
  let openedAt: Millis | null = null;
  let last: string | null = null;
  let held: ((releasedBy: string | null) => void) | null = null;
  return {
    ended: ({ id = null }, host) => {
      left--;
      if (left > 0) return;
      openedAt = host.now();
      last = id;
      held?.(last);
    },
    hold: (release) => {
      if (left > 0) held = release;
      else release(last);
    },
    wait: { kind: 'awaiting_children', until: () => openedAt },
  };
}
