import { bind } from '../../core/scope.ts';
import type { Handling, Work } from './work.ts';

/** One act after the other, each at its own moment; then the end, when all that they began is over. */
export function perform(
  scope: Omit<Handling, 'occupy'>,
  work: Work,
  { runMs }: { readonly runMs: number },
  end: (handling: Handling) => void,
): void {
  const { timeline, story } = scope.world;
  let busyUntil = timeline.now;
  const handling: Handling = {
    ...scope,
    occupy: (ms) => {
      busyUntil = Math.max(busyUntil, timeline.now + ms);
    },
  };
  if (story.chance(0.3)) scope.within(() => bind({ step: story.below(10), region: story.pick(['eu', 'us']) }));
  let at = 0;
  for (const act of work) {
    at += story.between(3, 60);
    timeline.after(at, () => act(handling));
  }
  const endWhenFree = () => {
    const leftMs = busyUntil - timeline.now;
    if (leftMs > 0) timeline.after(leftMs, endWhenFree);
    else end(handling);
  };
  timeline.after(Math.max(runMs, at + story.between(6, 40)), endWhenFree);
}
