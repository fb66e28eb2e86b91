import { millisOf } from '../../core/date-millis.ts';
import { agedMs, type DestinationReport } from '../../core/destination-report.ts';
import { SYSTEM } from './job.ts';

/** A count is null, or not there, in releases that do not have it. */
interface Stats {
  readonly readyCount?: number | null;
  readonly capturedOn?: unknown;
}

interface Queue {
  readonly name: string;
  readonly expireInSeconds?: number | null;
  readonly heartbeatSeconds?: number | null;
  readonly retryLimit?: number | null;
  readonly deadLetter?: string | null;
}

interface QueuedJob {
  readonly createdOn: unknown;
  readonly startAfter: unknown;
  readonly blocked?: boolean;
}

interface Instance {
  readonly live: boolean;
  readonly heartbeatOn: unknown;
  readonly workers: readonly { readonly queue: string }[];
}

/** The library's own members, in the shapes in which we use them. Early releases of 12 lack the optional ones. */
export interface ProbedBoss {
  getQueues(names?: readonly string[]): Promise<readonly Queue[]>;
  getQueueStats(name: string, options: object): Promise<Stats | readonly Stats[]>;
  findJobs?(name: string, options: object): Promise<readonly QueuedJob[]>;
  getInstances?(options: object): Promise<readonly Instance[]>;
}

/** A count that the library has not taken since then is not what is there now. */
const COUNTED_MS_MAX = 120_000;
/** Of more it would cost too much to ask; who is not among them may be a consumer, so nothing is said of any. */
const INSTANCES_MAX = 1000;

/** The library's own, which send what its schedules say. */
const OWN_QUEUES = '__pgboss__';

/** All queues, or those that are named; one after another, not to take all of the pool's connections. */
export async function reportOfBoss(
  boss: ProbedBoss,
  names: readonly string[] | undefined,
): Promise<DestinationReport[]> {
  const queues = (await boss.getQueues(names)).filter(({ name }) => !name.startsWith(OWN_QUEUES));
  const instances = (await boss.getInstances?.({ limit: INSTANCES_MAX })) ?? [];
  const deadLetters = new Set(queues.map(({ deadLetter }) => deadLetter));
  const reports: DestinationReport[] = [];
  for (const { name, expireInSeconds, heartbeatSeconds, retryLimit, deadLetter } of queues) {
    const leaseSeconds = heartbeatSeconds ?? expireInSeconds;
    reports.push({
      name,
      kind: deadLetters.has(name) ? 'dead-letter' : 'queue',
      system: SYSTEM,
      ...(await waitingIn(boss, name)),
      ...consumersOf(name, instances),
      lease_ms: leaseSeconds == null ? undefined : leaseSeconds * 1000,
      max_attempts: retryLimit == null ? undefined : retryLimit + 1,
      dead_letter: deadLetter ?? undefined,
    });
  }
  return reports;
}

async function waitingIn(boss: ProbedBoss, name: string): Promise<Pick<DestinationReport, 'depth' | 'oldest_ms'>> {
  const askedAt = Date.now();
  const queued = await boss.findJobs?.(name, { queued: true, limit: 1 });
  if (queued?.length === 0) return { depth: 0, oldest_ms: 0 };
  // Counted afresh once a minute at most, which the library sees to; where it keeps a history, its last entry.
  const [stats] = [await boss.getQueueStats(name, { force: true, limit: 1 })].flat();
  const countedAt = millisOf(stats?.capturedOn);
  if (stats?.readyCount == null || countedAt === undefined || askedAt - countedAt > COUNTED_MS_MAX) return {};
  if (stats.readyCount > 0) return { depth: stats.readyCount, oldest_ms: oldestMsOf(queued?.[0]) };
  // Something is there, delayed or blocked; or it came after the count, and then it is not empty.
  return countedAt < askedAt ? {} : { depth: 0, oldest_ms: 0 };
}

/** Of the job that was made first, where it could be taken at once: a delay or a retry puts others before it. */
function oldestMsOf(first: QueuedJob | undefined): number | undefined {
  const [createdAt, startAfter] = [millisOf(first?.createdOn), millisOf(first?.startAfter)];
  if (first?.blocked || createdAt === undefined || startAfter === undefined || startAfter > createdAt) return undefined;
  return agedMs(createdAt, Date.now());
}

/** Nothing where no instance has ever said that it takes from there: one that is not registered may. */
function consumersOf(
  name: string,
  instances: readonly Instance[],
): Pick<DestinationReport, 'consumers' | 'last_consumer_seen_at'> {
  const taking = instances.flatMap(({ live, heartbeatOn, workers }) =>
    workers.filter(({ queue }) => queue === name).map(() => ({ live, seenAt: millisOf(heartbeatOn) ?? 0 })),
  );
  if (taking.length === 0 || instances.length === INSTANCES_MAX) return {};
  return {
    consumers: taking.filter(({ live }) => live).length,
    last_consumer_seen_at: new Date(Math.max(...taking.map(({ seenAt }) => seenAt))).toISOString(),
  };
}
