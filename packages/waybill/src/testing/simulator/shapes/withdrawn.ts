import { discard } from '../discarding.ts';
import { BEYOND_MS, planTurn } from '../fate.ts';
import { sendDeduplicated, sendRefused, sendUnsure } from '../refusals.ts';
import { send } from '../sending.ts';
import type { Shape } from '../shape.ts';

/** Work that is not done in the end: too late, replaced by newer work, refused. */
export const withdrawn: Shape = (world, more) => {
  const previews = world.destination('previews', { on: 'delayed', hasDeadline: false });
  const plan = { to: previews, eventType: 'preview.make' };
  return (handling) => {
    const { story, timeline } = world;
    const course = story.weigh({ expired: 3, superseded: 3, 'given up': 2, refused: 1, unsure: 1, deduplicated: 2 });
    if (course === 'refused') sendRefused(plan)(handling);
    else if (course === 'unsure') sendUnsure(plan)(handling);
    else if (course === 'deduplicated') {
      const key = `preview-${world.index}-${story.between(1_000, 9_999)}`;
      sendDeduplicated({ ...plan, work: () => more }, key)(handling);
    } else {
      const [trouble] = previews.troubles;
      const failure = planTurn(story, 'retry', { trouble, backoffMs: BEYOND_MS });
      const fate = { turns: course === 'given up' ? [failure] : [], aftermath: 'nothing' } as const;
      const dispatch = send(handling, { ...plan, fate, isTight: true });
      const [janitor] = world.hostsOf('janitor');
      const how = course === 'given up' ? 'cancelled' : course;
      timeline.after(story.between(60_000, 600_000), () => discard(world, janitor, dispatch, how));
      if (course === 'superseded') send(handling, { ...plan, work: () => more });
    }
  };
};
