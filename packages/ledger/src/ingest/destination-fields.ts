/** Who says something of a destination: whoever runs it, the facts of messages, or an adapter that looked. */
export type ValueSource = 'declared' | 'learned' | 'probed';

/** One field of a destination: what it has to be, and who can know it. */
interface DestinationField {
  /** In words that follow "has to be". */
  readonly expected: string;
  /** The value as it is kept; undefined where it is something else. */
  readonly read: (value: unknown) => unknown;
  readonly from: readonly ValueSource[];
}

const textLengthMax = 256;
const listLengthMax = 1_000;
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i;

export const textExpected = `a text of 1 to ${textLengthMax} characters`;

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= textLengthMax;
}

/** RFC 3339, as Unix ms; undefined where it is no such time. */
export function timeIn(value: unknown): number | undefined {
  const instant = typeof value === 'string' && RFC_3339.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(instant) ? undefined : instant;
}

const KINDS: readonly unknown[] = ['queue', 'topic', 'ingress', 'dead-letter'];

const kind = {
  expected: 'queue, topic, ingress or dead-letter',
  read: (value: unknown) => (KINDS.includes(value) ? value : undefined),
};
const text = { expected: textExpected, read: (value: unknown) => (isText(value) ? value : undefined) };
const texts = {
  expected: `a list of at most ${listLengthMax} texts`,
  read: (value: unknown) =>
    Array.isArray(value) && value.length <= listLengthMax && value.every(isText) ? value : undefined,
};
const flag = {
  expected: 'true or false',
  read: (value: unknown) => (typeof value === 'boolean' ? value : undefined),
};
const time = {
  expected: 'an RFC 3339 time',
  read(value: unknown) {
    const instant = timeIn(value);
    return instant === undefined ? undefined : new Date(instant).toISOString();
  },
};
const wholeFrom = (least: number) => ({
  expected: `a whole number, ${least} or more`,
  read: (value: unknown) => (Number.isSafeInteger(value) && Number(value) >= least ? value : undefined),
});
const limit = wholeFrom(1);
const measure = wholeFrom(0);

/** All that can be said of a destination beside its name. Nobody declares a measure, and no probe knows a deadline. */
export const DESTINATION_FIELDS: Readonly<Record<string, DestinationField>> = {
  kind: { ...kind, from: ['declared', 'probed', 'learned'] },
  system: { ...text, from: ['declared', 'probed', 'learned'] },
  subscriptions: { ...texts, from: ['declared', 'probed', 'learned'] },
  uninstrumented_subscriptions: { ...texts, from: ['declared'] },
  instrumented: { ...flag, from: ['declared'] },
  deadline_ms: { ...limit, from: ['declared'] },
  lease_ms: { ...limit, from: ['declared', 'probed'] },
  max_attempts: { ...limit, from: ['declared', 'probed'] },
  dead_letter: { ...text, from: ['declared', 'probed'] },
  depth: { ...measure, from: ['probed'] },
  oldest_ms: { ...measure, from: ['probed'] },
  consumers: { ...measure, from: ['probed'] },
  last_consumer_seen_at: { ...time, from: ['probed'] },
  queued_p50_ms: { ...measure, from: ['learned'] },
  queued_p99_ms: { ...measure, from: ['learned'] },
  run_p99_ms: { ...measure, from: ['learned'] },
};
