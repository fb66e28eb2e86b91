import { discard } from '../discarding.ts';
import { BEYOND_MS } from '../fate.ts';
import { send } from '../sending.ts';
import type { Shape } from '../shape.ts';

const MINUTE_MS = 60_000;

/** Something to be done later: it comes, or somebody calls it off, or its time has not come yet. */
export const reminder: Shape = (world, more) => {
  const reminders = world.destination('reminders', { on: 'delayed' });
  return (handling) => {
    const { story, timeline } = world;
    const plan = { to: reminders, eventType: 'basket.reminder', work: () => more };
    const course = story.weigh({ comes: 60, 'called off': 25, 'not due': 15 });
    if (course === 'comes') {
      send(handling, { ...plan, temper: 'sound', delayMs: story.between(500, 20 * MINUTE_MS) });
      return;
    }
    const fate = { turns: [], aftermath: 'nothing' } as const;
    const delayMs = course === 'not due' ? BEYOND_MS : story.between(10, 60) * MINUTE_MS;
    const dispatch = send(handling, { ...plan, delayMs, fate, isTight: true });
    if (course === 'not due') return;
    const [desk] = world.hostsOf('ops-console');
    timeline.after(story.between(1_000, 5 * MINUTE_MS), () =>
      discard(world, desk, dispatch, 'cancelled', 'mira.okafor'),
    );
  };
};
