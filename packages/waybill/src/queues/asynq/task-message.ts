import { bytesField, type Field, numberField, readFields, WIRE } from './fields.ts';

/** A task as Asynq stores it, in the words of its own `TaskMessage`. Times in Unix seconds. */
export interface TaskMessage {
  readonly type: string;
  readonly payload: Buffer;
  readonly id: string;
  readonly queue: string;
  /** How often it may be retried. */
  readonly retry: number;
  /** How often it has been. */
  readonly retried: number;
  readonly errorMessage: string;
  /** Seconds that a run may take; 0 for no limit. */
  readonly timeout: number;
  readonly deadline: number;
  readonly uniqueKey: string;
  readonly lastFailedAt: number;
  /** Seconds for which it is kept when it is completed. */
  readonly retention: number;
  readonly completedAt: number;
  readonly groupKey: string;
  /** Since v0.26. A worker that is older drops them when it writes the task again. */
  readonly headers: Readonly<Record<string, string>>;
  /** Fields of a newer release, as they came: written again behind ours. */
  readonly unknown: Buffer;
}

/** In the order of their numbers, from 1. */
const FIELDS = [
  ['type', 'text'],
  ['payload', 'bytes'],
  ['id', 'text'],
  ['queue', 'text'],
  ['retry', 'number'],
  ['retried', 'number'],
  ['errorMessage', 'text'],
  ['timeout', 'number'],
  ['deadline', 'number'],
  ['uniqueKey', 'text'],
  ['lastFailedAt', 'number'],
  ['retention', 'number'],
  ['completedAt', 'number'],
  ['groupKey', 'text'],
  ['headers', 'map'],
] as const;

/** The protobuf bytes, as Asynq's own encoder makes them: fields in order, without those that are zero or empty. */
export function encodeTaskMessage(message: TaskMessage): Buffer {
  const parts: Uint8Array[] = [];
  FIELDS.forEach(([name], index) => {
    const value = message[name];
    if (typeof value === 'number') {
      if (value !== 0) parts.push(numberField(index + 1, value));
    } else if (typeof value === 'string' || Buffer.isBuffer(value)) {
      if (value.length > 0) parts.push(bytesField(index + 1, Buffer.from(value)));
    } else {
      for (const [key, item] of Object.entries(value)) {
        const entry = Buffer.concat([bytesField(1, Buffer.from(key)), bytesField(2, Buffer.from(item))]);
        parts.push(bytesField(index + 1, entry));
      }
    }
  });
  return Buffer.concat([...parts, message.unknown]);
}

/**
 * Reads them. A known number with another wire type is an unknown field, as it is to Asynq.
 *
 * @throws RangeError for bytes that are no protobuf message.
 */
export function decodeTaskMessage(bytes: Uint8Array): TaskMessage {
  const values: Record<string, unknown> = {};
  const headers = new Map<string, string>();
  const unknown: Uint8Array[] = [];
  for (const field of readFields(bytes)) {
    const [name, kind] = FIELDS[field.number - 1] ?? [];
    if (name === undefined || (kind === 'number') !== (field.wireType === WIRE.varint) || !isReadable(field)) {
      unknown.push(field.raw);
    } else if (kind === 'number') values[name] = Number(BigInt.asIntN(64, field.value));
    else if (kind === 'map') headers.set(...entryOf(field.bytes));
    else values[name] = kind === 'text' ? Buffer.from(field.bytes).toString('utf8') : Buffer.from(field.bytes);
  }
  const message = { ...EMPTY, ...values, headers: Object.fromEntries(headers), unknown: Buffer.concat(unknown) };
  return message as TaskMessage; // sound: each value was read by its own field's kind
}

const isReadable = ({ wireType }: Field): boolean => wireType === WIRE.varint || wireType === WIRE.bytes;

function entryOf(bytes: Uint8Array): [key: string, value: string] {
  const entry: [string, string] = ['', ''];
  for (const { number, wireType, bytes: part } of readFields(bytes)) {
    if (wireType === WIRE.bytes && (number === 1 || number === 2))
      entry[number - 1] = Buffer.from(part).toString('utf8');
  }
  return entry;
}

/** A task with nothing in it. */
export const EMPTY: TaskMessage = Object.freeze({
  type: '',
  payload: Buffer.alloc(0),
  id: '',
  queue: '',
  retry: 0,
  retried: 0,
  errorMessage: '',
  timeout: 0,
  deadline: 0,
  uniqueKey: '',
  lastFailedAt: 0,
  retention: 0,
  completedAt: 0,
  groupKey: '',
  headers: {},
  unknown: Buffer.alloc(0),
});
