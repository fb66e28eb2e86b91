import { send } from '../sending.ts';
import type { Shape } from '../shape.ts';

/** A handler begins something that has a life of its own. */
export const ownWorkflow: Shape = (world, more) => {
  const campaigns = world.destination('campaigns');
  return (handling) => {
    send(handling, { to: campaigns, eventType: 'campaign.start', isNewWorkflow: true, work: () => more });
  };
};
