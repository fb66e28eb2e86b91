import type { Waybill } from '../../core/waybill.ts';
import { writePayloadField } from '../../layouts/payload-field.ts';
import type { Boss, Options } from './boss.ts';
import { receiptOf, sendOf } from './send.ts';
import { discardJobs, standingJobs } from './standing.ts';

/**
 * New data is another message: it takes the place of the one that was waiting. Without data a job keeps what it
 * carries, and nothing was sent.
 */
export function editingMethods(boss: Boss, waybill: Waybill) {
  const edit =
    (way: 'update' | 'upsert') =>
    async (...args: unknown[]) => {
      const call = (...given: unknown[]) => boss[way]?.(...given);
      const { name, data, options } = requestOf(args);
      if (typeof name !== 'string' || typeof data === 'function') return call(...args); // it throws its own error
      const own = options ?? {};
      const send = sendOf(boss, name, data, own);
      if (way === 'update') send.isTraced = false; // the one that makes no span
      if (data === undefined) {
        const answer = await call(name, data, own);
        const made = answer?.inserted ? answer.jobs : [];
        // A place for context would be data, and overwrite that of a job that is there.
        for (const id of made) waybill.prepare({ ...send, isCarrying: false }).settle(receiptOf(id, own));
        return answer;
      }
      const { id, singletonKey: key } = own;
      const targets = typeof id === 'string' ? [{ id }] : typeof key === 'string' ? [{ key, queued: true }] : [];
      const standing = await standingJobs(boss, waybill, name, targets, own);
      const answer = await waybill.produce(
        send,
        (envelope) => call(name, writePayloadField(envelope, data), own),
        (answer) => (answer?.jobs.length === 0 ? { status: 'refused' } : receiptOf(answer?.jobs[0], own)),
      );
      const overwritten = standing.filter((job) => answer?.jobs.includes(job.id));
      discardJobs(waybill, overwritten, 'superseded');
      return answer;
    };
  return { update: edit('update'), upsert: edit('upsert') };
}

interface Request {
  readonly name?: unknown;
  readonly data?: unknown;
  readonly options?: Options | null;
}

/** One object, or its members one by one. */
function requestOf([first, data, options]: readonly unknown[]): Request {
  const request = typeof first === 'object' ? first : { name: first, data, options };
  return (request ?? {}) as Request; // sound: each member is tested, or passed on for the library to test
}
