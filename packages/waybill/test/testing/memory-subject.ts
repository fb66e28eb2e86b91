import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Delivery, Settlement } from '../../src/core/delivery.ts';
import type { Send } from '../../src/core/send.ts';
import type { Waybill } from '../../src/core/waybill.ts';
import { CARRIER_NAMES, readHeaders, writeHeaders } from '../../src/layouts/headers.ts';
import type { Handler, Harness, Subject } from '../../src/testing/case.ts';
import { type MemoryQueue, memoryQueue, type QueuedMessage } from './memory-queue.ts';

const SYSTEM = 'memory';
const ATTEMPTS_MAX = 2;
const TICK_MS = 20;

/** Without a server, and with every claim: what the cases say of the core itself. */
export const memorySubject: Subject = {
  name: 'a queue in memory',
  claims: [
    'bulk',
    'concurrency',
    'dead letter',
    'deduplication',
    'delay',
    'flow',
    'no payload',
    'retry',
    'schedule',
    'stall',
  ],
  start: async (waybill) => harnessAround(memoryQueue(), waybill),
};

function harnessAround(queue: MemoryQueue, waybill: Waybill): Harness {
  const failures = new Map<string, string>();
  const settle = (destination: string, message: QueuedMessage, { outcome, error }: Settlement) => {
    if (outcome === 'ok') return message.isDoneWith?.();
    message.failures++;
    if (outcome === 'retry') return queue.pushAgain(destination, message);
    failures.set(destination, String(error));
    return queue.push(`dead.${destination}`, { ...message, isDead: true });
  };
  const consume = (destination: string, handler: Handler) => async (message: QueuedMessage) => {
    let settlement: Settlement = { outcome: 'ok' };
    const judge = (error: unknown) => {
      if (error !== undefined) settlement = { outcome: isLast(message) ? 'dead' : 'retry', error };
      return settlement;
    };
    // What it failed with goes on to the library; this one keeps it.
    await waybill
      .consume(deliveryOf(destination, message), async () => handler(payloadOf(message)), judge)
      .catch(() => {});
    settle(destination, message, settlement);
  };
  return {
    async send(destination, payloads, { delayMs, key }) {
      const notBefore = delayMs === undefined ? undefined : Date.now() + delayMs;
      const sends = payloads.map((): Send => ({ system: SYSTEM, destination, notBefore, dedupKey: key }));
      const options = { ...(delayMs && { delayMs }), ...(key && { key }) };
      return waybill.produceAll(
        sends,
        (envelopes) =>
          envelopes.map((envelope, index) =>
            queue.push(destination, { payload: payloads[index], headers: writeHeaders(envelope, {}) }, options),
          ),
        (ids) => ids.map((id) => (id === undefined ? { status: 'duplicate' } : { status: 'taken', brokerId: id })),
      );
    },
    async sendForeign(destination, payload, carrier) {
      queue.push(destination, { payload, headers: carrier ?? {} });
    },
    async consume(destination, handler, concurrency) {
      queue.work(destination, consume(destination, handler), concurrency);
    },
    async failureOf(destination) {
      for (;;) {
        const failure = failures.get(destination);
        if (failure !== undefined) return failure;
        await nextTurn();
      }
    },
    schedule: async (destination, scheduleId, payload) =>
      waybill.produce({ system: SYSTEM, destination, scheduleId }, (template) => {
        const headers = { ...writeHeaders(template, {}), 'schedule-id': scheduleId };
        queue.every(TICK_MS, (dueAt) => queue.push(destination, { payload, headers, dueAt }));
      }),
    sendFlow: async (parent, children, payload) => sendFlow(queue, waybill, parent, children, payload),
    async consumeAndDie(destination, handler) {
      const message = await queue.takeOne(destination);
      const execution = waybill.open(deliveryOf(destination, message));
      await execution.run(async () => handler(payloadOf(message)));
      queue.pushAgain(destination, message);
    },
    close: async () => queue.close(),
  };
}

/** The parent is pushed when the last of its children has ended. */
function sendFlow(queue: MemoryQueue, waybill: Waybill, parent: string, children: readonly string[], payload: unknown) {
  let id: string | undefined;
  const prepared = children.map((destination) => {
    const sending = waybill.prepare({ system: SYSTEM, destination, flow: { id, role: 'child' } });
    id ??= sending.envelope.relations?.flow?.id;
    return { destination, sending };
  });
  const awaits = prepared.map(({ sending }) => sending.envelope.messageId);
  const waiting = waybill.prepare({ system: SYSTEM, destination: parent, flow: { id, role: 'parent', awaits } });
  let left = children.length;
  for (const { destination, sending } of prepared) {
    const isDoneWith = () => {
      if (--left > 0) return;
      const headers = writeHeaders(waiting.envelope, {});
      queue.push(parent, { payload, headers, releasedBy: sending.envelope.messageId });
    };
    queue.push(destination, { payload, headers: writeHeaders(sending.envelope, {}), isDoneWith });
    sending.settle({ status: 'taken' });
  }
  waiting.settle({ status: 'taken' });
}

const isLast = (message: QueuedMessage) => message.failures + 1 >= ATTEMPTS_MAX;

function deliveryOf(destination: string, message: QueuedMessage): Delivery {
  const { id, headers, failures, deliveries, isDead, releasedBy, dueAt } = message;
  const scheduleId = headers['schedule-id'];
  return {
    system: SYSTEM,
    destination,
    envelope: readHeaders(headers),
    attempt: failures + 1,
    deliveryCount: deliveries,
    redelivered: deliveries > failures + 1,
    maxAttempts: ATTEMPTS_MAX,
    brokerId: id,
    deadLettered: isDead,
    releasedBy,
    schedule: dueAt === undefined || scheduleId === undefined ? undefined : { id: scheduleId, dueAt },
    carrier: headers,
  };
}

/** The payload, and what others have put beside it. */
function payloadOf({ payload, headers }: QueuedMessage): unknown {
  const ours = new Set<string>([...CARRIER_NAMES, 'schedule-id']);
  const theirs = Object.entries(headers).filter(([name]) => !ours.has(name));
  return theirs.length === 0 ? payload : { ...(payload as object), ...Object.fromEntries(theirs) };
}
