import { isEnvelope } from '../../core/envelope.ts';
import type { DiscardedFact } from '../../core/facts.ts';
import type { Waybill } from '../../core/waybill.ts';
import type { Boss, Options } from './boss.ts';
import { type Job, SYSTEM, takeDelivery } from './job.ts';

/** Whoever withdraws more at once clears a queue, and is not to wait for as many questions. */
const ASKED_MAX = 20;
const OPEN_STATES: readonly (string | undefined)[] = ['created', 'retry', 'active'];

/**
 * The jobs that have not run yet, before somebody withdraws or overwrites them: afterwards nothing tells which
 * messages they were. Never rejects. Nothing is asked in a transaction of the app's own, which may be rolled back.
 */
export async function standingJobs(
  boss: Boss,
  waybill: Waybill,
  name: string,
  targets: readonly Options[],
  options: Options | undefined,
): Promise<Job[]> {
  if (boss.findJobs === undefined || targets.length > ASKED_MAX || options?.['db'] !== undefined) return [];
  try {
    const find = () => Promise.all(targets.map((target) => boss.findJobs?.(name, target)));
    const found = await waybill.untraced(find);
    return found.flatMap((jobs) => jobs ?? []).filter(({ state }) => OPEN_STATES.includes(state));
  } catch {
    return []; // what is wrong with the arguments the library says itself
  }
}

/** Records that these will never run. */
export function discardJobs(waybill: Waybill, jobs: readonly Job[], how: DiscardedFact['how']): void {
  for (const job of jobs) {
    const { envelope, destination, subscription } = takeDelivery(job);
    if (!isEnvelope(envelope) || envelope.messageId === '') continue;
    waybill.discard({ envelope, system: SYSTEM, destination, subscription, brokerId: job.id, how });
  }
}
