import type { Millis } from 'waybill';
import { ledgerError } from '../errors.ts';
import type { Age, FactStore } from '../store/store.ts';

export interface RetentionOptions {
  /** Workflows that have been quiet for as long go; those of which something may still be waited for, after twice that. */
  readonly keepMs?: number | undefined;
  /** Where more of the file is in use, the oldest workflows go before their time. */
  readonly bytesMax?: number | undefined;
  /** What began within it stays, however full the ledger is: an hour, if left out, and a day where something still waits. */
  readonly sparedMs?: number | undefined;
  /** The clock; `Date.now`, if left out. */
  readonly now?: () => Millis;
  readonly everyMs?: number;
}

/** Deletes what is old, whole workflows at a time, between the commits of what comes in. */
export interface Retention {
  run(): Promise<void>;
  /** Runs from now on; it does not keep the process alive. */
  start(): void;
  stop(): Promise<void>;
}

/** A full ledger still keeps what people are looking for at this moment, and whatever waits overnight. */
const quietMsMin = 3_600_000;
const openMsMin = 86_400_000;
/** Room for a while, and not for one request. */
const roomyShare = 0.9;
/** Workflows lie in the order in which they came: after so many looks that found nothing old, nothing old follows. */
const vainLooksMax = 20;

export function openRetention(
  { upkeep }: FactStore,
  onUnexpected: (error: unknown) => void,
  options: RetentionOptions = {},
): Retention {
  const { keepMs, bytesMax, now = Date.now, everyMs = 60_000 } = options;
  const { sparedMs: quietMs = quietMsMin, sparedMs: openMs = openMsMin } = options;
  let isStopped = false;
  let isOverfull = false;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const usedBytes = async () => (await upkeep.sizes()).usedBytes;

  async function prune(age: Age, goesOn: () => Promise<boolean>): Promise<void> {
    let vainLooks = 0;
    for (let after: number | null = 0; after !== null && vainLooks < vainLooksMax && !isStopped && (await goesOn()); ) {
      const { last, workflows } = await upkeep.prune(after, age);
      vainLooks = workflows === 0 ? vainLooks + 1 : 0;
      after = last;
    }
  }

  async function runOnce(): Promise<void> {
    const at = now();
    if (keepMs !== undefined) await prune({ quietBefore: at - keepMs, openBefore: at - 2 * keepMs }, async () => true);
    if (bytesMax === undefined || (await usedBytes()) <= bytesMax) return;
    const target = bytesMax * roomyShare;
    await prune({ quietBefore: at - quietMs, openBefore: at - openMs }, async () => (await usedBytes()) > target);
    const used = await usedBytes();
    if (used > bytesMax && !isOverfull && !isStopped)
      onUnexpected(ledgerError('LEDGER_OVERFULL', String(used), String(bytesMax)));
    isOverfull = used > bytesMax;
  }

  function run(): Promise<void> {
    running ??= runOnce().finally(() => {
      running = undefined;
    });
    return running;
  }

  return {
    run,
    start() {
      if (keepMs === undefined && bytesMax === undefined) return;
      const attempt = () => void run().catch(onUnexpected);
      timer ??= setInterval(attempt, everyMs).unref();
      attempt();
    },
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await running?.catch(onUnexpected);
    },
  };
}
