import { discard } from '../discarding.ts';
import { send } from '../sending.ts';
import type { Shape } from '../shape.ts';

const MINUTE_MS = 60_000;

/** Steps with a time limit: whoever is done in time calls the timeout off; else it fires, and undoes them. */
export const saga: Shape = (world, more) => {
  const timeouts = world.destination('saga.timeouts', { on: 'delayed' });
  const bookings = world.destination('bookings');
  const confirmations = world.destination('confirmations');
  return (handling) => {
    const { story } = world;
    const sagaId = `saga-${world.index}-${story.between(1_000, 9_999)}`;
    const timeout = send(handling, {
      to: timeouts,
      eventType: 'booking.timed_out',
      temper: 'sound',
      isTight: true,
      delayMs: story.between(15, 45) * MINUTE_MS,
      send: { sagaId },
      work: () => () => [(undoing) => send(undoing, { to: bookings, eventType: 'booking.cancel', temper: 'sound' })],
    });
    const confirm = {
      to: confirmations,
      eventType: 'booking.confirmed',
      temper: 'sound' as const,
      work: () => () => [
        (confirming: typeof handling) => discard(world, confirming.host, timeout, 'cancelled'),
        ...more(),
      ],
    };
    send(handling, {
      to: bookings,
      eventType: 'booking.make',
      temper: story.chance(0.25) ? 'poisoned' : 'sound',
      work: () => () => [(booking) => send(booking, confirm)],
    });
  };
};
