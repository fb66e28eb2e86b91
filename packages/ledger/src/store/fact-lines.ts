import { instantOf, isOwnId } from './packed-id.ts';

/** A fact as it is kept: names and ids as the keys of their rows. */
export interface FactRow {
  readonly kind: number;
  /** Counts arrivals. Facts that came together lie by workflow, so their places are in another order. */
  readonly key: number;
  readonly message: number;
  readonly at: number;
  readonly tenant: number | null;
  readonly factId: string;
  readonly seq: number;
  /** What has no place of its own, by `attrsOf`. */
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly said: Said;
  readonly own: Own;
}

/** What mostly stays the same from one fact of a message to the next. */
export interface Said {
  readonly execution: string | null;
  readonly service: number;
  readonly instance: number;
  readonly version: number | null;
  readonly operation: number | null;
  readonly system: number;
  readonly destination: number;
  readonly subscription: number | null;
  readonly broker: string | null;
  readonly bindings: string | null;
  readonly span: string | null;
}

/** What mostly is as the row of the message says. */
export interface Own {
  readonly workflow: number;
  readonly cause: number | null;
  readonly trace: number;
  readonly eventType: number | null;
  readonly businessKey: number | null;
}

const SAID = [
  'execution',
  'service',
  'instance',
  'version',
  'operation',
  'system',
  'destination',
  'subscription',
  'broker',
  'bindings',
  'span',
] as const satisfies readonly (keyof Said)[];
const OWN = ['workflow', 'cause', 'trace', 'eventType', 'businessKey'] as const satisfies readonly (keyof Own)[];

const NAMES: ReadonlySet<string> = new Set([
  ...['service', 'instance', 'version', 'operation', 'system', 'destination', 'subscription', 'eventType'],
]);

/** Instants are kept as their distance from that of the fact: most lie near. */
const TIMES: ReadonlySet<string> = new Set([
  'created_at',
  'not_before',
  'due_at',
  'enqueued_at',
  'received_at',
  'lease_until',
  'ended_at',
  'retry_at',
]);

type Value = string | number | null;
/** Keys are at least 1, so nothing else is written like this. */
const same = 0;

/** The line of a fact, but for where it and the fact of its message before it lie: that is known when it is laid down. */
export interface FactText {
  readonly kind: number;
  readonly key: number;
  readonly message: number;
  readonly rest: string;
}

/** `before` is what the fact of its message before this one said, if that is known. */
export function textOf(fact: FactRow, before: Said | undefined, message: Own): FactText {
  const { kind, key, said, own, factId, at, attrs } = fact;
  const values: unknown[] = [at - timeIn(factId), fact.tenant, factId, fact.seq, attrs];
  for (const name of SAID) values.push(before !== undefined && before[name] === said[name] ? same : said[name]);
  // What a message has not been told yet it may be told later: so null is no such thing.
  for (const name of OWN) values.push(own[name] !== null && message[name] === own[name] ? same : own[name]);
  while (values.at(-1) === same) values.pop();
  return { kind, key, message: fact.message, rest: JSON.stringify(values).slice(1) };
}

/** `before` is where the fact of its message before this one lies; null where there is none. */
export function lineAt({ kind, key, message, rest }: FactText, place: number, before: number | null): string {
  return `[${kind},${key - place},${message},${before === null ? 0 : place - before},${rest}`;
}

/** What each line tells by itself. */
export interface FactLine {
  readonly kind: number;
  readonly key: number;
  readonly message: number;
  readonly before: number;
  readonly at: number;
  readonly tenant: number | null;
  readonly factId: string;
  readonly seq: number;
  readonly attrs: Record<string, unknown>;
  /** All that the line holds: what it tells beside that before it begins at `saidAt`. */
  readonly values: readonly Value[];
}

/** What a line tells by itself takes so many places. */
const saidAt = 9;
const ownAt = saidAt + SAID.length;

/** The key alone, for whoever looks through many. */
export function keyIn(line: string, place: number): number {
  const from = line.indexOf(',') + 1;
  return place + Number(line.slice(from, line.indexOf(',', from)));
}

export function readLine(line: string, place: number): FactLine {
  // Sound: `lineAt` wrote it.
  const values = JSON.parse(line);
  const [factId, step] = [values[6], values[3]];
  const at = values[4] + timeIn(factId);
  return {
    kind: values[0],
    key: place + values[1],
    message: values[2],
    before: step === 0 ? 0 : place - step,
    at,
    tenant: values[5],
    factId,
    seq: values[7],
    attrs: instantsIn(values[8], at),
    values,
  };
}

export const SAID_NOTHING: Said = {
  ...{ execution: null, service: 0, instance: 0, version: null, operation: null, system: 0, destination: 0 },
  ...{ subscription: null, broker: null, bindings: null, span: null },
};

/** What a line says, where the fact of its message before it said `before`; the places are those of `SAID`. */
export function saidIn({ values }: FactLine, before: Said): Said {
  if (values.length <= saidAt) return before;
  return {
    execution: told(values, saidAt, before.execution),
    service: told(values, saidAt + 1, before.service),
    instance: told(values, saidAt + 2, before.instance),
    version: told(values, saidAt + 3, before.version),
    operation: told(values, saidAt + 4, before.operation),
    system: told(values, saidAt + 5, before.system),
    destination: told(values, saidAt + 6, before.destination),
    subscription: told(values, saidAt + 7, before.subscription),
    broker: told(values, saidAt + 8, before.broker),
    bindings: told(values, saidAt + 9, before.bindings),
    span: told(values, saidAt + 10, before.span),
  };
}

/** The same of what is mostly as the row of the message says; the places are those of `OWN`. */
export function ownIn({ values }: FactLine, message: Own): Own {
  if (values.length <= ownAt) return message;
  return {
    workflow: told(values, ownAt, message.workflow),
    cause: told(values, ownAt + 1, message.cause),
    trace: told(values, ownAt + 2, message.trace),
    eventType: told(values, ownAt + 3, message.eventType),
    businessKey: told(values, ownAt + 4, message.businessKey),
  };
}

function told<Told extends Value>(values: readonly Value[], place: number, before: Told): Told {
  const value = values[place];
  // Sound: `textOf` wrote a value of this kind there.
  return value === undefined || value === same ? before : (value as Told);
}

/** Keys of all names that a line tells, as far as it does: not what it has in common with the one before it. */
export function namesIn({ tenant, values }: FactLine): unknown[] {
  const ofNames = (_: unknown, place: number) => NAMES.has([...SAID, ...OWN][place - saidAt] ?? '');
  return [tenant, ...values.filter(ofNames)];
}

/** A recorder makes an id when it records: so what the line says of the time is mostly nothing. */
function timeIn(factId: string): number {
  return isOwnId(factId) ? instantOf(factId) : 0;
}

/** What a fact says that has no place of its own, as it is kept. */
export function attrsOf(fact: object, at: number, isPlaced: (field: string) => boolean): Record<string, unknown> {
  const attrs: Record<string, unknown> = {};
  for (const field in fact) {
    if (isPlaced(field)) continue;
    const value: unknown = fact[field as keyof object]; // one of its own
    // A fraction would not come back exactly: it is kept as it is, in a list.
    attrs[field] =
      !TIMES.has(field) || value === undefined ? value : Number.isSafeInteger(value) ? Number(value) - at : [value];
  }
  return attrs;
}

function instantsIn(attrs: Record<string, unknown>, at: number): Record<string, unknown> {
  for (const name in attrs) {
    const distance = attrs[name];
    if (TIMES.has(name)) attrs[name] = Array.isArray(distance) ? distance[0] : Number(distance) + at;
  }
  return attrs;
}
