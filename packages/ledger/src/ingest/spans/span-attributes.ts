import { type AnyValue, isObject } from '../attribute-value.ts';
import type { SpanAttributes } from './span.ts';

type Field = keyof SpanAttributes;

const idLengthMax = 128;
const textLengthMax = 256;
const PRINTABLE = /^[\x20-\x7e]+$/;

/** Of each field the attributes that say it, the newest convention first. */
const NAMES: Readonly<Record<Field, readonly string[]>> = {
  message_id: ['waybill.message_id'],
  correlation_id: ['waybill.correlation_id'],
  causation_id: ['waybill.causation_id'],
  execution_id: ['waybill.execution_id'],
  tenant_id: ['waybill.tenant_id'],
  operation: ['waybill.operation'],
  event_type: ['waybill.event_type', 'cloudevents.event_type', 'celery.task_name'],
  business_key: ['waybill.business_key'],
  system: ['messaging.system.name', 'messaging.system'],
  destination: ['messaging.destination.name', 'messaging.destination'],
  routing_key: ['messaging.rabbitmq.destination.routing_key', 'messaging.rabbitmq.routing_key'],
  subscription: [
    'messaging.destination.subscription.name',
    'messaging.consumer.group.name',
    'messaging.servicebus.destination.subscription_name',
    'messaging.eventhubs.consumer.group',
    'messaging.kafka.consumer.group',
    'messaging.kafka.consumer_group',
    'messaging.rocketmq.client_group',
  ],
  broker_id: ['messaging.message.id', 'messaging.message_id'],
  conversation_id: ['messaging.message.conversation_id', 'messaging.conversation_id'],
  messaging_operation: ['messaging.operation.type', 'messaging.operation', 'messaging.operation.name'],
  rpc_system: ['rpc.system.name', 'rpc.system'],
  http_method: ['http.request.method', 'http.method'],
  http_route: ['http.route', 'url.path', 'http.target'],
  http_status: ['http.response.status_code', 'http.status_code'],
  error_type: ['error.type'],
};

const IDS: ReadonlySet<Field> = new Set(['message_id', 'correlation_id', 'causation_id', 'execution_id']);
const OPERATIONS: ReadonlySet<string> = new Set([
  'send',
  'publish',
  'create',
  'receive',
  'process',
  'deliver',
  'settle',
]);

const FIELDS = new Map(
  Object.entries(NAMES).flatMap(([field, names]) =>
    // Sound: the keys of NAMES are the fields.
    names.map((name, rank) => [name, { field: field as Field, rank }] as const),
  ),
);

/** Reads the attributes that count. One that holds something else is passed over, for its sender knows nothing of us. */
export function readSpanAttributes(attributes: readonly unknown[]): SpanAttributes {
  const said: { -readonly [Name in Field]?: string } = {};
  const ranks = new Map<Field, number>();
  for (const attribute of attributes) {
    if (!isObject(attribute)) continue;
    const known = FIELDS.get(attribute['key'] as string); // a key of another type is in no map of strings
    if (known === undefined || !isObject(attribute['value'])) continue;
    const { field, rank } = known;
    const text = textOf(attribute['value'], field);
    // An older name beside a newer one says the same, or less.
    if (text === undefined || rank >= (ranks.get(field) ?? Number.POSITIVE_INFINITY)) continue;
    ranks.set(field, rank);
    said[field] = text;
  }
  return said;
}

/** Kept whole or not at all: half a name is another name. */
function textOf(value: AnyValue, field: Field): string | undefined {
  if (field === 'http_status') return statusOf(value);
  const { stringValue: text } = value;
  if (typeof text !== 'string' || text === '') return undefined;
  if (field === 'messaging_operation') return OPERATIONS.has(text) ? text : undefined;
  if (IDS.has(field)) return text.length <= idLengthMax && PRINTABLE.test(text) ? text : undefined;
  return text.length <= textLengthMax ? text : undefined;
}

function statusOf({ intValue, stringValue }: AnyValue): string | undefined {
  const text = String(intValue ?? stringValue);
  return /^[1-5]\d\d$/.test(text) ? text : undefined;
}
