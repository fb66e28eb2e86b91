import type { DroppedFact, MessageFact } from 'waybill';
import { joinedId, splitId } from './fact-ids.ts';
import { toAbsolute, toRelative } from './relative-times.ts';

/** What a fact's row holds, in the order in which rows are written. */
const COLUMNS = [
  ...([
    'correlation_id',
    'message_id',
    'at',
    'arrival',
    'fact_id',
    'fact_lag',
    'kind',
    'outcome',
    'causation_id',
  ] as const),
  ...(['execution_id', 'batch_id', 'trace_id', 'span_id', 'seq', 'service', 'instance'] as const),
  ...(['version', 'tenant_id', 'operation', 'event_type', 'business_key', 'system', 'destination'] as const),
  ...(['subscription', 'broker_id', 'inferred', 'bindings', 'attrs'] as const),
] as const;

export const CELLS = COLUMNS.join(', ');

type Row = Readonly<Record<(typeof COLUMNS)[number], string | number | null>>;

/** A fact as it came. */
export interface ArrivedFact {
  /** Counts arrivals. */
  readonly arrival: number;
  readonly fact: MessageFact;
}

/** Where in a row it is said when it arrived: of facts and of what was dropped. */
export const arrivalPlace = 3;

/** @throws TypeError where a number is none: what no type lets through may come from a program without types. */
export function rowOf(fact: MessageFact): (string | number | null)[] {
  const { fact_id, kind, at, service, instance, seq, version, ...identified } = fact;
  const { message_id, correlation_id, causation_id, trace_id, span_id, ...described } = identified;
  const { tenant_id, operation, event_type, business_key, system, destination, subscription, ...carried } = described;
  // Sound: these are fields of some kinds, and of the others they are absent.
  const { broker_id, bindings, execution_id, ...attrs } = carried as typeof carried & {
    readonly execution_id?: string;
    readonly by_execution_id?: string;
    readonly outcome?: string;
  };
  const { by_execution_id, outcome, inferred } = attrs;
  // Told in the order in which it came: the id is in a column, where it takes less, and keeps its place.
  const placed = isSend(kind) && by_execution_id !== undefined ? { ...attrs, by_execution_id: null } : attrs;
  const { rest, ms } = splitId(fact_id);
  const batchId = fact.kind === 'started' ? fact.batch?.id : undefined;
  const row: Row = {
    ...{ correlation_id, message_id, at: whole(at), arrival: 0, fact_id: rest, fact_lag: ms - whole(at) },
    ...{ kind, outcome: outcome ?? '' },
    ...{ causation_id, execution_id: (isSend(kind) ? by_execution_id : execution_id) ?? null },
    ...{ batch_id: batchId ?? null, trace_id, span_id: span_id ?? null, seq: whole(seq), service, instance },
    ...{ version: version ?? null, tenant_id, operation, event_type, business_key: business_key ?? null, system },
    ...{ destination, subscription: subscription ?? null, broker_id: broker_id ?? null, inferred: inferred ? 1 : 0 },
    ...{ bindings: bindings ?? null, attrs: JSON.stringify(toRelative(placed, whole(at))) },
  };
  return COLUMNS.map((column) => storable(row[column]));
}

export function droppedRowOf(fact: DroppedFact): (string | number | null)[] {
  const { fact_id, at, since, count, service, instance, version, why } = fact;
  const cells = [fact_id, whole(at), whole(since), 0, whole(count), service, instance, version ?? null, why];
  return cells.map(storable);
}

/** A send is in the execution that made it, and is none: the id of that is in the column in which its own facts have it. */
function isSend(kind: string): boolean {
  return kind === 'created' || kind === 'sent';
}

/** Half a character is no text to ClickHouse. */
function storable(cell: string | number | null): string | number | null {
  return typeof cell === 'string' ? cell.toWellFormed() : cell;
}

/** The recorder's clock may give fractions; a column of integers takes none. */
function whole(value: number): number {
  const integer = Math.trunc(value);
  if (!Number.isSafeInteger(integer)) throw new TypeError(`${value} is no whole number`);
  return integer;
}

/** A fact as it was recorded, of its row in the order of `COLUMNS`. An answer may take thousands: its fields are set one by one. */
export function factOf(cells: readonly unknown[]): ArrivedFact {
  const [correlation_id, message_id, at, arrival, fact_id, fact_lag, kind, , causation_id, execution_id] = cells;
  const [, trace_id, span_id, seq, service, instance, version, tenant_id, operation, event_type] = cells.slice(10);
  const [business_key, system, destination, subscription, broker_id, , bindings, attrs] = cells.slice(20);
  const id = joinedId(String(fact_id), Number(at) + Number(fact_lag));
  const fact: Record<string, unknown> = { fact_id: id, kind, at: Number(at), service, instance, seq: Number(seq) };
  const put = (name: string, value: unknown) => {
    if (value !== null) fact[name] = value;
  };
  put('version', version);
  Object.assign(fact, { message_id, correlation_id, causation_id, trace_id });
  put('span_id', span_id);
  Object.assign(fact, { tenant_id, operation, event_type });
  put('business_key', business_key);
  Object.assign(fact, { system, destination });
  put('subscription', subscription);
  put('broker_id', broker_id);
  put('bindings', bindings);
  const ofSend = isSend(String(kind));
  if (!ofSend) put('execution_id', execution_id);
  Object.assign(fact, toAbsolute(JSON.parse(String(attrs)), Number(at)));
  if (ofSend) put('by_execution_id', execution_id);
  // Sound: the columns are selected in this order, and `rowOf` split a fact of this kind into these cells.
  return { arrival: Number(arrival), fact: fact as unknown as MessageFact };
}
