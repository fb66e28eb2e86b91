import { placeOf } from './chronicle.ts';
import type { PlannedSend } from './planned-send.ts';
import { type Dispatch, dispatchOf, idToldBy, send, sendOf } from './sending.ts';
import type { Act, Handling } from './work.ts';

/** A broker that takes no more. */
export function sendRefused(plan: PlannedSend): Act {
  return (handling) => {
    const { dispatch, settle } = attempt(handling, plan);
    settle({ status: 'refused' });
    turnAway(dispatch);
    handling.world.chronicle.note('discarded');
  };
}

/** A publish that threw, and was not tried again: only the broker knows that it has nothing. */
export function sendUnsure(plan: PlannedSend): Act {
  return (handling) => {
    const { dispatch, settle } = attempt(handling, plan);
    settle({ status: 'unknown' });
    for (const { name } of plan.to.subscriptions) placeOf(dispatch.message, plan.to.name, name).vanishes();
  };
}

/** Two messages with one deduplication key: the second is never delivered, because the first stands in its place. */
export function sendDeduplicated(plan: PlannedSend, dedupKey: string): Act {
  return (handling) => {
    const keyed = { ...plan, isTight: true, send: { ...plan.send, dedupKey } };
    const first = send(handling, keyed);
    const { dispatch, settle } = attempt(handling, keyed);
    settle({ status: 'duplicate', brokerId: idToldBy(first) });
    turnAway(dispatch);
    handling.world.chronicle.note('duplicate');
    handling.world.chronicle.note('discarded');
  };
}

function attempt(handling: Handling, plan: PlannedSend) {
  const { world, host, within } = handling;
  const sending = within(() => host.waybill.prepare(sendOf(world, plan, plan.to, host)));
  return { dispatch: dispatchOf(handling, sending.envelope, plan.to), settle: sending.settle.bind(sending) };
}

function turnAway({ message, to }: Dispatch): void {
  for (const { name } of to.subscriptions) placeOf(message, to.name, name).refuses();
}
