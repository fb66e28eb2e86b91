import type { Envelope } from '../../core/envelope.ts';
import { warn } from '../../core/safeguard.ts';
import type { Receipt, Send } from '../../core/send.ts';
import type { Waybill } from '../../core/waybill.ts';
import { writeHeaders } from '../../layouts/headers.ts';
import type { Broker } from './broker.ts';
import { writePayloadHeader } from './payload-header.ts';
import { SYSTEM } from './system.ts';
import { checkTask, type Draft, draftOf, type Task, type TypeOptions } from './task.ts';

/** What became of a task. `duplicate`: the task with this id stands in its place. */
interface EnqueuedTask {
  readonly id: string;
  readonly queue: string;
  readonly status: 'pending' | 'scheduled' | 'duplicate';
}

/** A producer, as Asynq's own `Client`. */
export interface Client {
  /** @throws OPTION_UNKNOWN, OPTION_INVALID, OPTION_MISSING for what is no task. */
  enqueue(task: Task): Promise<EnqueuedTask>;
  /** Several at once, each on its own: some may be taken although another fails. */
  enqueueAll(tasks: readonly Task[]): Promise<EnqueuedTask[]>;
}

export type TypesOptions = Readonly<Record<string, TypeOptions>>;

export function clientOf(broker: Broker, waybill: Waybill, types: TypesOptions): Client {
  const inPayload = (type: string) => optionsOf(types, type).headerInPayload === true;
  const warned = new Set<string>();
  const warnOfUnique = (type: string) => {
    if (!warned.has(type)) warn(uniqueWarning(type));
    warned.add(type);
  };
  for (const [type, { uniqueMs }] of Object.entries(types)) if (uniqueMs && inPayload(type)) warnOfUnique(type);

  const draft = (task: Task): Draft => {
    checkTask(task);
    const made = draftOf(task, optionsOf(types, task.type), broker.now());
    if (made.uniqueMs > 0 && inPayload(task.type)) warnOfUnique(task.type);
    return made;
  };
  const push = ({ message, processAt, uniqueMs }: Draft, envelope: Envelope) => {
    const headers = writeHeaders(envelope, { ...message.headers });
    const payload = inPayload(message.type) ? writePayloadHeader(envelope, message.payload) : message.payload;
    return broker.enqueue({ ...message, headers, payload }, processAt, uniqueMs);
  };

  return {
    async enqueue(task) {
      const made = draft(task);
      const standing = await waybill.produce(
        sendOf(made),
        (envelope) => push(made, envelope),
        (id) => receiptOf(made, id),
      );
      return enqueuedOf(made, standing);
    },
    async enqueueAll(tasks) {
      const drafts = tasks.map(draft);
      const answers = await waybill.produceAll(
        drafts.map(sendOf),
        // Sound: an envelope for each send, in their order.
        (envelopes) => Promise.all(drafts.map((made, at) => settled(made, push(made, envelopes[at] as Envelope)))),
        (all) => all.map(({ made, standing, error }) => (error ? { status: 'unknown' } : receiptOf(made, standing))),
      );
      return answers.map(({ made, standing, error }) => {
        if (error !== undefined) throw error.reason;
        return enqueuedOf(made, standing);
      });
    },
  };
}

const optionsOf = (types: TypesOptions, type: string): TypeOptions =>
  (Object.hasOwn(types, type) ? types[type] : undefined) ?? {};

/** One task of several, after Redis has answered or failed. */
interface Answer {
  readonly made: Draft;
  readonly standing: string | undefined;
  readonly error?: { readonly reason: unknown };
}

function settled(made: Draft, pushed: Promise<string | undefined>): Promise<Answer> {
  return pushed.then(
    (standing) => ({ made, standing }),
    (reason: unknown) => ({ made, standing: undefined, error: { reason } }),
  );
}

function sendOf({ message, processAt, taskId }: Draft): Send {
  return {
    system: SYSTEM,
    destination: message.queue,
    eventType: message.type,
    notBefore: processAt,
    dedupKey: taskId ?? (message.uniqueKey === '' ? undefined : message.uniqueKey),
  };
}

function receiptOf({ message }: Draft, standing: string | undefined): Receipt {
  return standing === undefined
    ? { status: 'taken', brokerId: message.id }
    : { status: 'duplicate', brokerId: standing };
}

function enqueuedOf({ message: { id, queue }, processAt }: Draft, standing: string | undefined): EnqueuedTask {
  if (standing !== undefined) return { id: standing, queue, status: 'duplicate' };
  return { id, queue, status: processAt === undefined ? 'pending' : 'scheduled' };
}

function uniqueWarning(type: string): string {
  return (
    `Tasks of type ${JSON.stringify(type)} are unique and carry context in their payload. This client leaves it out ` +
    'when it compares them; other producers compare whole payloads, and will find no two the same. Where all workers ' +
    'run Asynq v0.26 or later, leave headerInPayload out.'
  );
}
