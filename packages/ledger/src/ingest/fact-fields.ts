import type { Fact } from 'waybill';
import { count, flag, id, mark, objectText, oneOf, type Reader, text, texts, time } from './attribute-value.ts';

/** One field of a fact, and the attribute that carries it. */
export interface Field {
  readonly attribute: string;
  /** Where it lies in the fact: `gap.edge.to` is `to`, within `gap` and `edge`. */
  readonly within: readonly string[];
  readonly name: string;
  readonly read: Reader;
  /** Without it: the fact is rejected, the field is null, its object is incomplete, or nothing is missing. */
  readonly absence: 'rejected' | 'null' | 'incomplete' | 'fine';
}

/** A field of one kind of fact: `place` numbers them. */
export interface PlacedField extends Field {
  readonly place: number;
}

/** Fields with a name of their own in OpenTelemetry; all others are `waybill.<field>`. */
const CONVENTIONS: Readonly<Record<string, string>> = {
  system: 'messaging.system',
  destination: 'messaging.destination.name',
  subscription: 'messaging.destination.subscription.name',
  broker_id: 'messaging.message.id',
  'error.type': 'error.type',
};

const field =
  (absence: Field['absence']) =>
  (path: string, read: Reader): Field => {
    const attribute = CONVENTIONS[path] ?? `waybill.${path}`;
    const names = path.split('.');
    return { attribute, within: names.slice(0, -1), name: names.at(-1) ?? path, read, absence };
  };
const required = field('rejected');
const nullable = field('null');
const optional = field('fine');
/** Needed where another field of its object is there: half an object is none. */
const member = field('incomplete');

const COMMON: readonly Field[] = [
  required('fact_id', id),
  required('message_id', id),
  required('correlation_id', id),
  nullable('causation_id', id),
  required('system', text),
  required('destination', text),
  optional('subscription', text),
  optional('broker_id', text),
  nullable('tenant_id', text),
  nullable('operation', text),
  nullable('event_type', text),
  optional('business_key', text),
  optional('saga_id', text),
  optional('seq', count),
  optional('hop', count),
  optional('origin_trace_id', text),
  optional('correlations', texts),
  member('foreign.correlation_id', text),
  optional('foreign.message_id', text),
  optional('foreign.initiator_id', text),
  optional('foreign.issuer', text),
  optional('bindings', objectText),
  optional('overflow', count),
  optional('inferred', mark),
];

const grouping = (name: string): Field[] => [
  member(`${name}.id`, text),
  member(`${name}.index`, count),
  member(`${name}.count`, count),
];

const CREATION: readonly Field[] = [
  optional('by_execution_id', id),
  optional('created_at', time),
  optional('not_before', time),
  optional('due_at', time),
  optional('dedup_key', text),
  ...grouping('fanout'),
  member('flow.id', text),
  member('flow.role', oneOf('parent', 'child')),
  optional('flow.awaits', texts),
  optional('in_reply_to', id),
  optional('replay_of', id),
  optional('schedule_id', text),
  optional('continued_from', id),
  optional('late', mark),
  optional('dead_lettered', mark),
  optional('plan_id', text),
  optional('derived_key', text),
];

const STARTED: readonly Field[] = [
  required('execution_id', id),
  nullable('attempt', count),
  optional('max_attempts', count),
  optional('delivery_count', count),
  optional('redelivered', flag),
  optional('enqueued_at', time),
  required('received_at', time),
  optional('lease_until', time),
  required('trace_mode.mode', oneOf('P', 'L', 'root')),
  required('trace_mode.reason', text),
  ...grouping('batch'),
  optional('schedule_id', text),
  optional('due_at', time),
  optional('dead_lettered', mark),
  optional('released_by', text),
  optional('plan_id', text),
  optional('replay', oneOf('operator', 'log', 'backfill')),
];

const SETTLED: readonly Field[] = [
  required('execution_id', id),
  nullable('attempt', count),
  optional('ended_at', time),
  optional('by', text),
  required('outcome', oneOf('ok', 'retry', 'dead', 'released', 'skipped', 'failed')),
  member('error.type', text),
  member('error.message', text),
  member('error.fingerprint', text),
  optional('retry_at', time),
];

const GAP: readonly Field[] = [
  required(
    'gap.reason',
    oneOf('no_context', 'w3c_only', 'unreadable', 'oversized', 'untrusted', 'partial', 'mixed_tenants'),
  ),
  required('gap.missing', texts),
  nullable('gap.edge.from', text),
  required('gap.edge.to', text),
  optional('gap.traceparent', text),
];

const DISCARDED: readonly Field[] = [
  required('how', oneOf('cancelled', 'expired', 'superseded', 'rolled_back')),
  optional('actor', text),
];

const REPLAYED: readonly Field[] = [
  required('actor', text),
  required('reason', text),
  required('plan_id', text),
  optional('new_message_id', id),
];

const FIELDS: Readonly<Record<Fact['kind'], readonly Field[]>> = {
  created: [...COMMON, ...CREATION],
  sent: [...COMMON, ...CREATION, required('status', oneOf('taken', 'duplicate', 'refused', 'unknown'))],
  started: [...COMMON, ...STARTED],
  settled: [...COMMON, ...SETTLED],
  gap: [...COMMON, ...GAP],
  discarded: [...COMMON, ...DISCARDED],
  replayed: [...COMMON, ...REPLAYED],
  dropped: [required('fact_id', id), required('count', count), required('since', time), required('why', text)],
};

/** The fields of one kind of fact: by their attribute, and those whose absence means something. */
export interface FactForm {
  readonly byAttribute: ReadonlyMap<string, PlacedField>;
  readonly missable: readonly PlacedField[];
}

/** By the kind, as text from outside may name it. */
export const FACT_FORMS: ReadonlyMap<string, FactForm> = new Map(
  Object.entries(FIELDS).map(([kind, fields]) => {
    const placed = fields.map((each, place) => ({ ...each, place }));
    const byAttribute = new Map(placed.map((each) => [each.attribute, each]));
    return [kind, { byAttribute, missable: placed.filter(({ absence }) => absence !== 'fine') }];
  }),
);

export const fieldsMax = Math.max(...Object.values(FIELDS).map(({ length }) => length));
