import { send } from '../sending.ts';
import type { Shape } from '../shape.ts';

/** A price is asked for on one queue, and told on another. */
export const requestReply: Shape = (world, more) => {
  const pricing = world.destination('pricing');
  const replies = world.destination('pricing.replies');
  return (handling) => {
    send(handling, {
      to: pricing,
      eventType: 'price.asked',
      temper: 'sound',
      work: () => () => [
        (answering) => {
          send(answering, { to: replies, eventType: 'price.told', send: { kind: 'reply' }, work: () => more });
        },
      ],
    });
  };
};
