import { writeOutbox } from '../outbox.ts';
import type { Shape } from '../shape.ts';

/** A row and a message about it, in one transaction. */
export const outbox: Shape = (world, more) => {
  const accounts = world.destination('accounts', { hasDeadline: false });
  return writeOutbox({ to: accounts, eventType: 'account.opened', work: () => more });
};
