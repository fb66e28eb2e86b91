import type { Envelope } from '../../core/envelope.ts';
import { newWorkflow } from '../../core/scope.ts';
import type { Receipt, Send } from '../../core/send.ts';
import { arrive, type Begin } from './arrival.ts';
import { type LogicalMessage, placeOf } from './chronicle.ts';
import type { Copy, Label } from './copy.ts';
import type { Destination } from './destinations.ts';
import { bridgeTo, type Hop, planHop } from './hops.ts';
import type { Host } from './host.ts';
import type { PlannedSend } from './planned-send.ts';
import { stripWire, writeWire } from './wire.ts';
import type { Handling } from './work.ts';
import type { World } from './world.ts';

/** A message that is on its way. */
export interface Dispatch {
  readonly message: LogicalMessage;
  readonly envelope: Envelope;
  readonly to: Destination;
  readonly brokerId: string;
  /** Where it lies, once the broker has it. */
  readonly copies: Copy[];
}

/** Sends a message from a handler, and decides what is to come of it. */
export function send(handling: Handling, plan: PlannedSend): Dispatch {
  const { world, host, within } = handling;
  const hop = planHop(world, plan);
  const to = meansOf(world, plan, hop);
  const asked = sendOf(world, plan, to, host);
  const prepare = () => host.waybill.prepare(asked);
  const isAtOnce = plan.isTight || world.story.chance(0.6);
  if (isAtOnce && !plan.isNewWorkflow) {
    const publish = (envelope: Envelope) => dispatchOf(handling, envelope, to);
    const dispatch = within(() => host.waybill.produce(asked, publish, takenBy));
    land(world, host, { plan, hop, asked, dispatch });
    return dispatch;
  }
  const sending = within(plan.isNewWorkflow ? () => newWorkflow(prepare) : prepare);
  const dispatch = dispatchOf(handling, sending.envelope, to);
  const publishMs = world.story.between(1, 5);
  handling.occupy(publishMs + 1);
  world.timeline.after(publishMs, () => {
    sending.settle(takenBy(dispatch));
    land(world, host, { plan, hop, asked, dispatch });
  });
  return dispatch;
}

/** All of them with one call of the client. */
export function sendAll(handling: Handling, plans: readonly PlannedSend[]): Dispatch[] {
  const { world, host, within } = handling;
  const hops = plans.map((plan) => planHop(world, plan));
  const planned = plans.map((plan, index) => {
    const hop = hops[index] as Hop; // sound: one for each order
    const to = meansOf(world, plan, hop);
    return { plan, hop, to, asked: sendOf(world, plan, to, host) };
  });
  const sends = planned.map(({ asked }) => asked);
  const dispatches = within(() =>
    host.waybill.produceAll(
      sends,
      (envelopes) =>
        planned.map(({ to }, index) => {
          const envelope = envelopes[index] as Envelope; // sound: one for each send
          return dispatchOf(handling, envelope, to);
        }),
      (taken) => taken.map(takenBy),
    ),
  );
  for (const [index, dispatch] of dispatches.entries()) {
    const { plan, hop, asked } = planned[index] as (typeof planned)[number]; // sound: as many as dispatches
    land(world, host, { plan, hop, asked, dispatch });
  }
  if (plans.length > 1) world.chronicle.note('fan-out');
  return dispatches;
}

/** Where it is really sent: to the service in between, where one loses its context. */
function meansOf(world: World, { to }: PlannedSend, { loss }: Hop): Destination {
  return loss?.how === 'service' ? bridgeTo(world, to) : to;
}

export function sendOf(world: World, plan: PlannedSend, to: Destination, host: Host): Send {
  const { eventType, delayMs, dueMs, send: more } = plan;
  const { index, story } = world;
  // Most of a workflow is about one thing; a part of it may have a name of its own.
  const ownKey = `${eventType.split('.')[0]}:${index}-${story.between(100_000, 999_999)}`;
  return {
    businessKey: story.chance(0.25) ? ownKey : undefined,
    system: to.transport.system,
    destination: to.name,
    eventType,
    notBefore: delayMs === undefined ? undefined : host.now() + delayMs,
    dueAt: dueMs === undefined ? undefined : host.now() + (delayMs ?? 0) + dueMs,
    ...more,
  };
}

export function dispatchOf({ world, causes }: Handling, envelope: Envelope, to: Destination): Dispatch {
  world.budget--;
  const message = world.chronicle.add({ id: envelope.messageId, causes });
  return { message, envelope, to, brokerId: to.nextBrokerId(), copies: [] };
}

/** What the transport tells its sender of a message that it has taken. */
export function idToldBy({ to, brokerId }: Dispatch): string | undefined {
  return to.transport.isIdToldToSender ? brokerId : undefined;
}

function takenBy(dispatch: Dispatch): Receipt {
  return { status: 'taken', brokerId: idToldBy(dispatch) };
}

/** A message that the transport has taken. */
interface Landing {
  readonly plan: PlannedSend;
  readonly hop: Hop;
  readonly asked: Send;
  readonly dispatch: Dispatch;
}

/** The broker has it: from here on it lies where its receivers find it, with its context or without. */
export function land(world: World, host: Host, { plan, hop, asked, dispatch }: Landing): void {
  const { message, envelope, to, brokerId, copies } = dispatch;
  const { chronicle } = world;
  if (plan.delayMs !== undefined) chronicle.note('delay');
  if (plan.to.subscriptions.length > 1) chronicle.note('subscriptions');
  const { tenantId, businessKey } = envelope;
  const label: Label = { eventType: plan.eventType, tenantId, businessKey };
  const wire = writeWire(envelope, plan.to.transport.layout);
  const begin = beginOf(plan, asked, to, host);
  const { fates, loss } = hop;
  if (loss === null) {
    copies.push(...arrive(world, { message, plan, fates, wire, brokerId, label, begin }));
    return;
  }
  for (const { name } of to.subscriptions) {
    const place = placeOf(message, to.name, name);
    place.begins(begin.at, begin);
    place.vanishes();
  }
  chronicle.note('no context');
  const lost = { reason: loss.remains, destination: plan.to.name, how: loss.how };
  const twin = chronicle.add({ causes: [message], lost });
  const stripped = stripWire(wire, loss.remains, world.ids);
  const isNamed = world.hops.chance(0.7);
  const seen = isNamed ? label : { ...label, tenantId: null, businessKey: null };
  const twinId = loss.how === 'carrier' ? brokerId : plan.to.nextBrokerId();
  const arrival = { message: twin, plan, fates, wire: stripped, brokerId: twinId, label: seen, begin: null };
  const arriveBare = () => copies.push(...arrive(world, arrival));
  if (loss.how === 'carrier') arriveBare();
  else world.timeline.after(world.hops.between(20, 3_000), arriveBare);
}

function beginOf({ wait, delayMs }: PlannedSend, { notBefore, dueAt }: Send, to: Destination, host: Host): Begin {
  const at = host.now();
  const scheduled = notBefore === undefined || delayMs === undefined ? undefined : notBefore;
  const deadline = to.deadlineMs === null ? undefined : (scheduled ?? at) + to.deadlineMs;
  const delay = scheduled === undefined ? undefined : { kind: 'scheduled' as const, until: () => scheduled };
  return { at, wait: wait ?? delay, dueAt: dueAt ?? deadline };
}
