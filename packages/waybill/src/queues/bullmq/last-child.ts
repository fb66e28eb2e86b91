import type { Delivery } from '../../core/delivery.ts';
import { isEnvelope } from '../../core/envelope.ts';
import type { Job } from './job.ts';
import { type Store, storedJob } from './stored-job.ts';

const CHILDREN_MAX = 50; // of more it would cost too much to ask

export function isReleasedParent({ envelope, attempt, redelivered }: Delivery): boolean {
  return isEnvelope(envelope) && envelope.relations?.flow?.role === 'parent' && attempt === 1 && !redelivered;
}

/** The message of the child that ended last; undefined where one of them was removed. */
export async function lastChildOf(job: Job, store: Store): Promise<string | undefined> {
  const page = { count: CHILDREN_MAX };
  const children = await job.getDependencies?.({ processed: page, ignored: page, failed: page }).catch(() => undefined);
  if (children === undefined || children.nextProcessedCursor || children.nextIgnoredCursor) return undefined;
  const { processed = {}, ignored = {}, failed = [] } = children;
  const keys = [...Object.keys(processed), ...Object.keys(ignored), ...failed];
  if (keys.length >= CHILDREN_MAX) return undefined;
  const ended = await Promise.all(keys.map((key) => storedJob(store, key)));
  // A child that is gone sorts last: then nobody can say which one it was.
  return ended.toSorted((one, other) => (one?.finishedOn ?? 0) - (other?.finishedOn ?? 0)).at(-1)?.messageId;
}
