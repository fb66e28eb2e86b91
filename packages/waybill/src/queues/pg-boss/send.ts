import { randomUUID } from 'node:crypto';
import type { Receipt, Send } from '../../core/send.ts';
import type { Waybill } from '../../core/waybill.ts';
import { isCarryingPayload, writePayloadField } from '../../layouts/payload-field.ts';
import type { Boss, Options } from './boss.ts';
import { SYSTEM } from './job.ts';
import { publishedAs } from './published.ts';
import { scheduleIdOf } from './schedule-id.ts';

type MaybeOptions = Options | null | undefined;

/** The methods that make jobs of data. They do not call each other, so each is replaced. */
export function sendingMethods(boss: Boss, waybill: Waybill) {
  const sendWith = (name: unknown, data: unknown, options: MaybeOptions) =>
    sendOne(boss, waybill, name, data, options ?? {});
  return {
    send: (first: unknown, data?: unknown, options?: Options) => {
      if (typeof first !== 'object' || first === null) return sendWith(first, data, options);
      const request = first as { readonly name?: unknown; readonly data?: unknown; readonly options?: Options };
      return sendWith(request.name, request.data, request.options);
    },
    sendAfter: (name: unknown, data: unknown, options: MaybeOptions, startAfter: unknown) =>
      sendWith(name, data, { ...options, startAfter }),
    sendThrottled: (name: unknown, data: unknown, options: MaybeOptions, seconds: unknown, key?: unknown) =>
      sendWith(name, data, { ...options, singletonSeconds: seconds, singletonNextSlot: false, singletonKey: key }),
    sendDebounced: (name: unknown, data: unknown, options: MaybeOptions, seconds: unknown, key?: unknown) =>
      sendWith(name, data, { ...options, singletonSeconds: seconds, singletonNextSlot: true, singletonKey: key }),
    insert: (name: unknown, jobs: unknown, options?: Options) => insertAll(boss, waybill, name, jobs, options),
    publish: (event: unknown, data?: unknown, options?: Options) => {
      if (typeof event !== 'string') return boss.publish(event as string, data, options); // it throws its own error
      return waybill.produce(
        { ...sendOf(boss, event, data, options ?? {}), kind: 'event' },
        (envelope) => boss.publish(event, writePayloadField(publishedAs(event, envelope), data), options),
        () => receiptOf(undefined, options ?? {}),
      );
    },
    schedule: (name: unknown, cron: unknown, data?: unknown, options?: Options) => {
      if (typeof name !== 'string') return boss.schedule(name as string, cron, data, options); // it throws its own error
      const scheduleId = scheduleIdOf(name, options?.['key']);
      return waybill.produce({ system: SYSTEM, destination: name, eventType: name, scheduleId }, (template) =>
        boss.schedule(name, cron, writePayloadField(template, data), options),
      );
    },
  };
}

function sendOne(boss: Boss, waybill: Waybill, name: unknown, data: unknown, options: Options) {
  if (typeof name !== 'string') return boss.send(name as string, data, options); // it throws its own error
  return waybill.produce(
    sendOf(boss, name, data, options),
    (envelope) => boss.send(name, writePayloadField(envelope, data), options),
    (id) => receiptOf(id, options),
  );
}

function insertAll(boss: Boss, waybill: Waybill, name: unknown, jobs: unknown, options: Options | undefined) {
  const isOurs =
    typeof name === 'string' && Array.isArray(jobs) && jobs.length > 0 && jobs.every((job) => job instanceof Object);
  if (!isOurs) {
    return boss.insert(name as string, jobs as Options[], options);
  }
  // Ids are set here: an answer leaves out the jobs that were there already, so its positions prove nothing.
  const identified = (jobs as Options[]).map((job) => ({ ...job, id: (job['id'] ?? randomUUID()) as string }));
  return waybill
    .produceAll(
      identified.map((job) => sendOf(boss, name, (job as Options)['data'], job)),
      (envelopes) => {
        const carrying = identified.map((job: Options, index) => {
          const envelope = envelopes[index];
          return envelope === undefined ? job : { ...job, data: writePayloadField(envelope, job['data']) };
        });
        return boss.insert(name, carrying, { ...options, returnId: true });
      },
      (ids) => {
        const taken = new Set(ids);
        return identified.map(({ id }) => receiptOf(taken.has(id) ? id : null, options ?? {}));
      },
    )
    .then((ids) => (options?.['returnId'] === true ? ids : null));
}

/** One message to a queue or an event, as the options of the library say it. */
export function sendOf(boss: Boss, destination: string, data: unknown, options: Options): Send {
  const dedupKey = options['singletonKey'];
  const startAfter = options['startAfter'];
  const isDelayed = startAfter !== undefined && startAfter !== null && startAfter !== 0;
  return {
    system: SYSTEM,
    destination,
    eventType: destination,
    notBefore: isDelayed ? instantOf(startAfter) : undefined,
    isDelayed,
    dedupKey: typeof dedupKey === 'string' ? dedupKey : undefined,
    isCarrying: isCarryingPayload(data),
    isTraced: boss.makesSpans ?? true, // unless it is told otherwise
  };
}

/** Seconds from now, or a date; undefined for an interval in Postgres' own words. */
function instantOf(startAfter: unknown): number | undefined {
  const seconds = Number(startAfter instanceof Date ? Number.NaN : startAfter);
  if (Number.isFinite(seconds)) return Date.now() + seconds * 1000;
  const at = startAfter instanceof Date ? startAfter.getTime() : Date.parse(String(startAfter));
  return Number.isFinite(at) ? at : undefined;
}

/** What became of one message: undefined where the library does not tell the job's id. */
export function receiptOf(id: string | null | undefined, options: Options): Receipt {
  if (id === null) return { status: 'duplicate' }; // a singleton or throttled job that is there already
  // A connection of the app's own may be in a transaction that is rolled back yet.
  return { status: options['db'] === undefined ? 'taken' : 'pending', brokerId: id };
}
