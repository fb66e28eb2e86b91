import { isEnvelope } from '../../core/envelope.ts';
import { placeOf } from './chronicle.ts';
import { planHop } from './hops.ts';
import type { PlannedSend } from './planned-send.ts';
import { createPair } from './publishing-twice.ts';
import { type Dispatch, dispatchOf, idToldBy, land, sendOf } from './sending.ts';
import { readWire, writeWire } from './wire.ts';
import type { Act } from './work.ts';
import type { World } from './world.ts';

/** Writes a message in the app's own transaction. Another host publishes it, or nobody does. */
export function writeOutbox(plan: PlannedSend): Act {
  return (handling) => {
    const { world, host, within } = handling;
    const { story, timeline } = world;
    const asked = sendOf(world, plan, plan.to, host);
    const sending = within(() => host.waybill.prepare({ ...asked, edge: 'outbox' }));
    sending.settle({ status: 'pending' });
    const dispatch = dispatchOf(handling, sending.envelope, plan.to);
    const places = plan.to.subscriptions.map(({ name }) => placeOf(dispatch.message, plan.to.name, name));
    for (const place of places) place.begins(host.now(), {});
    switch (story.weigh({ relayed: 80, 'rolled back': 9, 'rolled back in silence': 5, 'not relayed': 6 })) {
      case 'relayed':
        timeline.after(story.between(50, 3_000), () => relay(world, plan, dispatch));
        return;
      case 'rolled back':
        timeline.after(2, () => {
          const { system } = plan.to.transport;
          host.waybill.discard({ envelope: dispatch.envelope, system, destination: plan.to.name, how: 'rolled_back' });
          for (const place of places) place.discards(host.now());
          world.chronicle.note('discarded');
        });
        handling.occupy(3);
        return;
      default:
        for (const place of places) place.vanishes();
    }
  };
}

/** It mints nothing: the message is the one in the table. */
function relay(world: World, plan: PlannedSend, dispatch: Dispatch): void {
  const { story, timeline } = world;
  const host = world.hostsOf('outbox-relay')[0];
  const stored = readWire(writeWire(dispatch.envelope, 'record'));
  if (!isEnvelope(stored)) throw new Error('the outbox lost a waybill');
  const asked = { ...sendOf(world, plan, plan.to, host), relay: stored };
  const publish = (brokerId: string) => {
    const sending = host.waybill.prepare(asked);
    sending.settle({ status: 'taken', brokerId: idToldBy({ ...dispatch, brokerId }) });
  };
  const isTwice = story.chance(0.2);
  const hop = planHop(world, isTwice ? { ...plan, temper: 'steady', isTight: true } : { ...plan, temper: 'sound' });
  const carried = hop.loss === null ? hop : { ...hop, loss: { ...hop.loss, how: 'carrier' as const } };
  publish(dispatch.brokerId);
  const pair = createPair(world);
  const relayed = isTwice ? { ...plan, whenOver: pair.firstIsOver } : plan;
  land(world, host, { plan: relayed, hop: carried, asked, dispatch });
  if (!isTwice) return;
  // It stopped before it could write down that this one is sent.
  timeline.after(story.between(1_000, 5_000), () => {
    const brokerId = plan.to.nextBrokerId();
    publish(brokerId);
    const [copy] = dispatch.copies;
    if (copy !== undefined) pair.add({ ...copy, brokerId, enqueuedAt: plan.to.broker.now() });
  });
}
