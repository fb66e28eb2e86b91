import { type Dialect, type ForeignCarrier, foreignEnvelope, foreignText } from '../core/dialect.ts';

/**
 * The job hash as in Sidekiq 8.1 (`job_util.rb`, `middleware/current_attributes.rb`), and before it in 6.3 and 7. It
 * knows nothing of workflows or causes: a job is its own. A retry keeps `jid`, and counts in `retry_count`.
 *
 * Writes nothing: `jid` is the key of its locks, batches and cancellations, and a `cattr` that is there keeps Sidekiq
 * from saving the app's own.
 */
export const sidekiq: Dialect = {
  name: 'sidekiq',
  read(carrier, traceHeaders) {
    const messageId = foreignText(carrier['jid']);
    // An ActiveJob is wrapped: `class` is then the adapter's, and the same for all.
    const eventType = foreignText(carrier['wrapped']) ?? foreignText(carrier['class']);
    if (messageId === undefined || eventType === undefined) return null;
    return foreignEnvelope(
      {
        messageId,
        correlationId: messageId,
        eventType,
        // When it was enqueued is the time of the last try.
        sentAt: timeOf(carrier['created_at']) ?? timeOf(carrier['enqueued_at']),
        bindings: currentAttributesOf(carrier),
        foreign: { issuer: 'sidekiq', correlation_id: messageId, message_id: messageId },
      },
      traceHeaders,
    );
  },
};

/** As milliseconds this is 1973, as seconds the year 5138. */
const SECONDS_MAX = 1e11;

/** Seconds with a fraction before version 8, milliseconds from it on. */
function timeOf(value: unknown): number | null {
  if (typeof value !== 'number' || !(value > 0)) return null;
  const at = Math.round(value < SECONDS_MAX ? value * 1000 : value);
  return Number.isSafeInteger(at) ? at : null;
}

/** One hash for each class that the app persists, under `cattr`, `cattr_1`, …; of equal names the first counts. */
function currentAttributesOf(carrier: ForeignCarrier): Record<string, unknown> | undefined {
  const attributes = new Map<string, unknown>();
  for (const key of Object.keys(carrier)) {
    if (!/^cattr(?:_\d{1,3})?$/.test(key)) continue;
    for (const [name, value] of pairsOf(carrier[key])) {
      const plain = plainOf(value, 0);
      if (plain !== undefined && !attributes.has(name)) attributes.set(name, plain);
    }
  }
  return attributes.size === 0 ? undefined : Object.fromEntries(attributes);
}

/** An object before version 8; from it on a list of pairs, whose names are serialised symbols. */
function pairsOf(saved: unknown): [name: string, value: unknown][] {
  if (typeof saved !== 'object' || saved === null || ArrayBuffer.isView(saved)) return [];
  if (!Array.isArray(saved)) return Object.entries(saved).filter(([name]) => !isMarker(name));
  const pairs: [string, unknown][] = [];
  for (const pair of saved) {
    const name = Array.isArray(pair) ? plainOf(pair[0], 0) : undefined;
    if (typeof name === 'string') pairs.push([name, pair[1]]);
  }
  return pairs;
}

/** ActiveJob's own names beside or instead of the app's. */
const isMarker = (name: string): boolean => name.startsWith('_aj_');
const DEPTH_MAX = 8;

/** A value without what only Ruby can read: records, times, and the marks of hashes. A symbol is its name. */
function plainOf(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEPTH_MAX || ArrayBuffer.isView(value)) return undefined;
  if (Array.isArray(value)) return value.map((item: unknown) => plainOf(item, depth + 1));
  if ('_aj_serialized' in value) {
    const isSymbol = value._aj_serialized === 'ActiveJob::Serializers::SymbolSerializer';
    return isSymbol && 'value' in value && typeof value.value === 'string' ? value.value : undefined;
  }
  if ('_aj_globalid' in value) return undefined;
  const own = Object.entries(value).filter(([name]) => !isMarker(name));
  return Object.fromEntries(own.map(([name, item]) => [name, plainOf(item, depth + 1)]));
}
