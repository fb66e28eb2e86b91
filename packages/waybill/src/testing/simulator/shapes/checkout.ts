import { send } from '../sending.ts';
import type { Shape } from '../shape.ts';

/** An order is published, and everybody does his part of it. */
export const checkout: Shape = (world, more) => {
  const subscriptions = ['payment-desk', 'warehouse', 'loyalty'] as const;
  const orders = world.destination('orders.events', { kind: 'topic', on: 'topic', subscriptions });
  const payments = world.destination('payments');
  const inventory = world.destination('inventory');
  const parts: Readonly<Record<string, Shape | undefined>> = {
    'payment-desk': () => (handling) => send(handling, { to: payments, eventType: 'payment.charge', work: () => more }),
    warehouse: () => (handling) => send(handling, { to: inventory, eventType: 'inventory.reserve' }),
  };
  return (handling) => {
    send(handling, {
      to: orders,
      eventType: 'order.created',
      send: { kind: 'event' },
      work: (subscription) => () => {
        const part = parts[subscription];
        return part === undefined ? [] : [part(world, more)];
      },
    });
  };
};
