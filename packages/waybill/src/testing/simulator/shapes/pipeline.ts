import { planHop } from '../hops.ts';
import { idToldBy, land, send, sendOf } from '../sending.ts';
import type { Shape } from '../shape.ts';
import type { Act, More } from '../work.ts';
import type { World } from '../world.ts';

/** What comes in is rewritten, handed on as it is, and handled at last. */
export const pipeline: Shape = (world, more) => {
  const raw = world.destination('events.raw');
  const clean = world.destination('events.clean');
  const rewrite: Act = (handling) => {
    send(handling, {
      to: clean,
      eventType: 'event.cleaned',
      send: { kind: 'transform' },
      temper: 'sound',
      work: () => () => [forward(world, more)],
    });
  };
  return (handling) => {
    send(handling, { to: raw, eventType: 'event.captured', temper: 'sound', work: () => () => [rewrite] });
  };
};

/** The same message, one place further. What came without context has nothing that could be handed on. */
function forward(world: World, more: More): Act {
  const to = world.destination('events.eu');
  return ({ host, within, envelope, causes: [message] }) => {
    // An earlier attempt may have done it.
    const isForwarded = message?.places.some((place) => place.destination === to.name) ?? true;
    if (envelope === null || message === undefined || isForwarded) return;
    const plan = { to, eventType: 'event.cleaned', temper: 'sound', work: () => more } as const;
    const asked = { ...sendOf(world, plan, to, host), forward: envelope };
    const sending = within(() => host.waybill.prepare(asked));
    const dispatch = { message, envelope: sending.envelope, to, brokerId: to.nextBrokerId(), copies: [] };
    sending.settle({ status: 'taken', brokerId: idToldBy(dispatch) });
    const hop = planHop(world, plan);
    const loss = hop.loss === null ? null : { ...hop.loss, how: 'carrier' as const };
    land(world, host, { plan, hop: { ...hop, loss }, asked, dispatch });
  };
}
