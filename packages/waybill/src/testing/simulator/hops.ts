import type { Destination } from './destinations.ts';
import { type Fate, planFate } from './fate.ts';
import type { PlannedSend } from './planned-send.ts';
import type { Remains } from './wire.ts';
import type { World } from './world.ts';

/** A message's way from its sender to its subscriptions. */
export interface Hop {
  /** In the order of the subscriptions. */
  readonly fates: readonly Fate[];
  readonly loss: Loss | null;
}

interface Loss {
  /** `service`: somebody who carries no context takes it, and sends on another. */
  readonly how: 'carrier' | 'service';
  readonly remains: Remains;
}

/** Decided before it is sent: what never arrives cannot arrive without its context. */
export function planHop(world: World, plan: PlannedSend): Hop {
  const { to, fate, temper = 'ordinary' } = plan;
  const fates = to.subscriptions.map((subscription) => fate ?? planFate(world.story, to, subscription, temper));
  const loss = planLoss(world, plan, fates);
  return loss === null ? { fates, loss } : { fates: fates.map(unredriven), loss };
}

/** Of all hops; to the others, because their story would end there, nothing happens. What can be hit makes up for them. */
const HITTABLE_SHARE = 0.76;

function planLoss({ hops, faults }: World, plan: PlannedSend, fates: readonly Fate[]): Loss | null {
  const isHit = hops.chance((faults.lostContext ?? 0) / HITTABLE_SHARE);
  const remains = hops.weigh<Remains>({ no_context: 5, w3c_only: 2, partial: 2, unreadable: 1 });
  const isByService = hops.chance(0.5);
  const isArriving = fates.every(({ turns }) => turns.length > 0);
  if (!isHit || plan.isTight || !isArriving) return null;
  return { how: isByService && plan.delayMs === undefined ? 'service' : 'carrier', remains };
}

/** Without a waybill there is nothing that an operator could send again as it was. */
function unredriven({ turns, aftermath }: Fate): Fate {
  return { turns, aftermath: aftermath === 'ack lost' || aftermath === 'read again' ? aftermath : 'nothing' };
}

/** The queue of a service that carries no context, and sends on to the destination that was meant. */
export function bridgeTo(world: World, { name }: Destination): Destination {
  const subscriptions = [`legacy-${name}`] as const;
  return world.destination(`${name}.bridge`, { subscriptions, isInstrumented: false });
}
