import { send } from '../sending.ts';
import type { Shape } from '../shape.ts';

/** One thing to be done by somebody else. */
export const command: Shape = (world, more) => {
  const { story } = world;
  const emails = world.destination('email');
  return (handling) => {
    const dueMs = story.chance(0.3) ? story.between(30, 1_800) * 1_000 : undefined;
    send(handling, {
      to: emails,
      eventType: 'email.send',
      work: () => more,
      ...(dueMs === undefined ? {} : { dueMs }),
    });
  };
};
