import { planTurn } from '../fate.ts';
import { send } from '../sending.ts';
import type { Shape } from '../shape.ts';

/** Events in a log, some of which are read a second time. */
export const logReading: Shape = (world, more) => {
  const subscriptions = ['ledger-writer', 'dashboards'] as const;
  const ledger = world.destination('ledger.entries', { kind: 'topic', on: 'log', subscriptions, hasDeadline: false });
  return (handling) => {
    const aftermath = world.story.chance(0.4) ? 'read again' : 'nothing';
    const fate = { turns: [planTurn(world.story, 'ok')], aftermath } as const;
    send(handling, {
      to: ledger,
      eventType: 'entry.booked',
      send: { kind: 'event' },
      fate,
      work: (subscription) => (subscription === 'dashboards' ? () => [] : more),
    });
  };
};
