import { send } from '../sending.ts';
import type { Shape } from '../shape.ts';

/** Something that cannot be handled: it dies, and an operator may look at it. */
export const poison: Shape = (world, more) => {
  const { story } = world;
  const shipping = world.destination('shipping', { on: story.pick(['queue', 'failed set'] as const) });
  return (handling) => {
    send(handling, { to: shipping, eventType: 'shipment.request', temper: 'poisoned', work: () => more });
  };
};
