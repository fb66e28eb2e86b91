import type { Copy } from './copy.ts';
import { planTurn } from './fate.ts';
import type { PlannedSend } from './planned-send.ts';
import { dispatchOf, idToldBy, land, sendOf } from './sending.ts';
import type { Act } from './work.ts';
import type { World } from './world.ts';

/**
 * A producer that hears nothing of its first publish, and publishes again: one message. Where the broker recognises
 * it there is one copy, else two, and the consumer recognises the second.
 */
export function sendTwice(plan: PlannedSend): Act {
  return (handling) => {
    const { world, host, within } = handling;
    const { story, timeline, chronicle } = world;
    const asked = sendOf(world, plan, plan.to, host);
    const sending = within(() => host.waybill.prepare(asked));
    const dispatch = dispatchOf(handling, sending.envelope, plan.to);
    sending.settle({ status: 'unknown' });
    const pair = createPair(world);
    const fates = [{ turns: [planTurn(story, 'ok')], aftermath: 'nothing' }] as const;
    land(world, host, { plan: { ...plan, whenOver: pair.firstIsOver }, hop: { fates, loss: null }, asked, dispatch });
    const timeoutMs = story.between(20, 200);
    handling.occupy(timeoutMs + 2);
    timeline.after(timeoutMs, () => {
      const again = within(() => host.waybill.prepare({ ...asked, relay: dispatch.envelope }));
      if (story.chance(0.4) && plan.to.transport.isIdToldToSender) {
        again.settle({ status: 'duplicate', brokerId: idToldBy(dispatch) });
        chronicle.note('duplicate');
        return;
      }
      const brokerId = plan.to.nextBrokerId();
      again.settle({ status: 'taken', brokerId: idToldBy({ ...dispatch, brokerId }) });
      const [copy] = dispatch.copies;
      if (copy !== undefined) pair.add({ ...copy, brokerId, enqueuedAt: plan.to.broker.now() });
    });
  };
}

/** The second copy of a message: recognised by its consumer once the first is done. */
export function createPair({ story }: World): { firstIsOver(): void; add(copy: Copy): void } {
  let isOver = false;
  let waiting: Copy | null = null;
  const skip = (copy: Copy) => {
    const turns = [planTurn(story, 'skipped')];
    copy.resume({ ...copy, turns, next: 'duplicate', standing: 'waiting', failures: 0, deliveries: 0 }, 0);
  };
  return {
    firstIsOver: () => {
      isOver = true;
      if (waiting !== null) skip(waiting);
    },
    add: (copy) => {
      if (isOver) skip(copy);
      else waiting = copy;
    },
  };
}
