import type { Millis } from '../../core/facts.ts';
import { type LogicalMessage, placeOf } from './chronicle.ts';
import type { Copy, Label } from './copy.ts';
import type { Fate } from './fate.ts';
import type { Wait } from './logical-place.ts';
import type { PlannedSend } from './planned-send.ts';
import { receive } from './receiving.ts';
import type { Wire } from './wire.ts';
import type { World } from './world.ts';

/** A message as a broker takes it. */
interface Arrival {
  readonly message: LogicalMessage;
  readonly plan: PlannedSend;
  readonly fates: readonly Fate[];
  readonly wire: Wire;
  readonly brokerId: string;
  readonly label: Label;
  /** Where somebody recorded that he sent it: when, and what it waits for; null where nobody did. */
  readonly begin: Begin | null;
  readonly schedule?: Copy['schedule'];
}

export interface Begin {
  readonly at: Millis;
  readonly wait: Wait | undefined;
  readonly dueAt: Millis | undefined;
}

/** Lays a message down at each subscription, and lets it take its course there. */
export function arrive(world: World, arrival: Arrival): Copy[] {
  const { message, plan, fates, wire, brokerId, label, begin, schedule = null } = arrival;
  const { to, delayMs = 0, restMs = 0, whenOver = null, work } = plan;
  const enqueuedAt = to.broker.now();
  const resume = plan.take ?? ((copy: Copy, afterMs: number) => receive(world, copy, afterMs));
  return to.subscriptions.map((subscription, index): Copy => {
    const place = placeOf(message, to.name, subscription.name);
    if (begin !== null) place.begins(begin.at, begin);
    else if (to.transport.saysEnqueuedAt) place.begins(enqueuedAt, {});
    const { turns, aftermath } = fates[index] ?? { turns: [], aftermath: 'nothing' };
    const isHeld = plan.delayMs !== undefined || plan.wait !== undefined || turns.length === 0;
    const position = world.nextPosition();
    if (!isHeld) subscription.waiting.add(position);
    const copy: Copy = {
      ...{ message, place, destination: to, subscription, wire, brokerId, enqueuedAt, position, label, schedule },
      ...{ aftermath, whenOver, resume },
      turns: [...turns],
      work: work?.(subscription.name) ?? (() => []),
      failures: 0,
      deliveries: 0,
      next: 'first',
      standing: 'waiting',
      deadLettered: false,
      replay: null,
      releasedBy: null,
      host: null,
    };
    resume(copy, delayMs + restMs);
    return copy;
  });
}
