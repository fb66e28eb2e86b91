import type { Delivery } from '../../core/delivery.ts';
import { type Envelope, type Gap, isEnvelope } from '../../core/envelope.ts';
import { readHeaders } from '../../layouts/headers.ts';
import type { TakenTask } from './broker.ts';
import { readPayloadHeader } from './payload-header.ts';
import { SYSTEM } from './system.ts';

/** A task as its handler is given it. */
export interface ReceivedTask {
  readonly id: string;
  readonly type: string;
  readonly queue: string;
  /** The bytes that were sent. */
  readonly payload: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** How often it has been retried so far, and may be at most. */
  readonly retried: number;
  readonly maxRetry: number;
  /** Aborted when the run counts no longer: out of time, its lease lost, or the server stopping. */
  readonly signal: AbortSignal;
}

interface Received {
  readonly task: ReceivedTask;
  readonly delivery: Delivery;
}

export function receive({ message, ...taken }: TakenTask, keepHeader: boolean, signal: AbortSignal): Received {
  const { id, type, queue, headers, retried, retry, lastFailedAt } = message;
  const inPayload = readPayloadHeader(message.payload, keepHeader);
  return {
    task: { id, type, queue, payload: inPayload.payload, headers, retried, maxRetry: retry, signal },
    delivery: {
      system: SYSTEM,
      destination: queue,
      eventType: type,
      envelope: better(readHeaders(headers), inPayload.envelope),
      attempt: retried + 1,
      maxAttempts: retry + 1,
      // An archived task that an operator runs again has failed before, and was perhaps never retried.
      redelivered: retried > 0 || lastFailedAt > 0 ? true : undefined,
      brokerId: id,
      enqueuedAt: taken.pendingSince,
      readyAt: taken.pendingSince,
      leaseUntil: taken.leaseUntil,
      carrier: headers,
    },
  };
}

/** Both say the same where both are there; a worker older than v0.26 has dropped the headers of what it retried. */
function better(headers: Envelope | Gap, inPayload: Envelope | Gap): Envelope | Gap {
  return isEnvelope(headers) || (headers !== 'absent' && !isEnvelope(inPayload)) ? headers : inPayload;
}
