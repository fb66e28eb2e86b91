import { sendTwice } from '../publishing-twice.ts';
import type { Shape } from '../shape.ts';

export const sentTwice: Shape = (world, more) => {
  const invoices = world.destination('invoices');
  return sendTwice({ to: invoices, eventType: 'invoice.issue', work: () => more });
};
