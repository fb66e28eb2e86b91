import { bytesField, numberField, readFields, WIRE } from './fields.ts';

/** A server as Asynq lists it, in the words of its own `ServerInfo`. */
export interface ServerInfo {
  readonly host: string;
  readonly pid: number;
  readonly serverId: string;
  readonly concurrency: number;
  /** The first that has a task is served: Asynq calls that strict priority. */
  readonly queues: readonly string[];
  /** Unix ms. */
  readonly startedAt: number;
  /** Tasks that it works on. */
  readonly running: number;
}

const ACTIVE = 'active';
const FIELD = { queues: 5, status: 7 } as const;

export function encodeServerInfo(server: ServerInfo): Buffer {
  const { host, pid, serverId, concurrency, queues, startedAt, running } = server;
  const seconds = Math.floor(startedAt / 1000);
  const startTime = [numberField(1, seconds), numberField(2, Math.floor(startedAt - seconds * 1000) * 1_000_000)];
  return Buffer.concat([
    bytesField(1, Buffer.from(host)),
    numberField(2, pid),
    bytesField(3, Buffer.from(serverId)),
    numberField(4, concurrency),
    // The first has the highest.
    ...queues.map((queue, index) =>
      bytesField(
        FIELD.queues,
        Buffer.concat([bytesField(1, Buffer.from(queue)), numberField(2, queues.length - index)]),
      ),
    ),
    numberField(6, 1),
    bytesField(FIELD.status, Buffer.from(ACTIVE)),
    bytesField(8, Buffer.concat(startTime)),
    numberField(9, running),
  ]);
}

/**
 * The queues from which a server takes tasks: none of one that has been told to stop.
 *
 * @throws RangeError for bytes that are no protobuf message.
 */
export function servedQueues(bytes: Uint8Array): string[] {
  const queues: string[] = [];
  let isActive = false;
  for (const { number, wireType, bytes: part } of readFields(bytes)) {
    if (wireType !== WIRE.bytes) continue;
    if (number === FIELD.status) isActive = textOf(part) === ACTIVE;
    if (number !== FIELD.queues) continue;
    for (const entry of readFields(part)) if (entry.number === 1) queues.push(textOf(entry.bytes));
  }
  return isActive ? queues : [];
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
