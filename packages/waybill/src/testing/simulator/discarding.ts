import type { DiscardedFact } from '../../core/facts.ts';
import type { Host } from './host.ts';
import type { Dispatch } from './sending.ts';
import type { World } from './world.ts';

/** What is running is let run. */
const AGAIN_MS = 700;

/** Somebody says that a message will never run: at each place where it has not ended yet. */
export function discard(world: World, host: Host, dispatch: Dispatch, how: DiscardedFact['how'], actor?: string): void {
  const { envelope, to, brokerId, copies } = dispatch;
  if (copies.some(({ standing }) => standing === 'running')) {
    world.timeline.after(AGAIN_MS, () => discard(world, host, dispatch, how, actor));
    return;
  }
  for (const copy of copies) {
    if (copy.standing === 'over') continue;
    copy.standing = 'over';
    copy.subscription.waiting.delete(copy.position);
    const subscription = copies.length === 1 ? undefined : copy.subscription.name;
    const place = { system: to.transport.system, destination: to.name, subscription, brokerId };
    host.waybill.discard({ envelope, ...place, how, actor });
    copy.place.discards(host.now());
    world.chronicle.note('discarded');
  }
}
