import type { DroppedFact, Fact, MessageFact } from 'waybill';
import type { LedgerError } from '../errors.ts';

export interface Appended {
  /** Facts that were new. */
  readonly stored: number;
  /** Facts whose `fact_id` was there already: kept once, and no error. */
  readonly repeated: number;
}

/** Something that an id names. Several when an ending or a business key fits more than one message. */
export interface Match {
  readonly kind: 'message' | 'workflow' | 'execution' | 'broker' | 'trace' | 'business_key';
  /** The id as it was recorded, whole. */
  readonly id: string;
  /**
   * The message it stands for: itself; the root of a workflow or trace (its earliest message);
   * the message that an execution ran, or that a broker id was given to.
   */
  readonly message_id: string;
  readonly event_type: string | null;
  readonly tenant_id: string | null;
  readonly business_key: string | null;
  /** Unix ms of the message's first fact. */
  readonly at: number;
}

/**
 * Facts, or what makes them when it is their turn to be written, perhaps twice: those that wait for the disk take several
 * times the room of what they are read from.
 */
export type FactSource = readonly Fact[] | (() => readonly Fact[]);

export function factsIn(source: FactSource): readonly Fact[] {
  return typeof source === 'function' ? source() : source;
}

/** Keeps facts, and finds them again. One suite (`test/store/suite.ts`) holds every implementation. */
export interface FactStore {
  /**
   * Resolves when the facts are on disk; rejects when they are not, or could not be made, and then none of them is kept.
   */
  append(facts: FactSource): Promise<Appended>;
  /**
   * Answers a question, which looks up all that it needs, and does nothing else: a store that has to fetch what is looked
   * up runs it again. What one question sees is of one moment; of a store that fetches, each thing that it looks up is.
   */
  read<Answer>(question: (reader: FactReader) => Answer): Promise<Answer>;
  readonly spans: SpanShelf;
  readonly destinations: DestinationShelf;
  readonly upkeep: Upkeep;
  /** Waits for what is being appended, then lets go of the files. */
  close(): Promise<void>;
}

/** What may be looked up. */
export interface FactReader {
  /**
   * What an id names: exactly (message, correlation, execution, broker, trace id or business key), else by a
   * unique ending of at least 4 characters of our own ids, where case and O/I/L are forgiven. At most `limit`.
   */
  find(id: string, limit: number): Match[];
  /** Ids within one edit of a mistyped own id (or ending of 4 to 8), at most `limit`: for "did you mean". */
  near(id: string, limit: number): Match[];
  /** The message and its causes, nearest first, at most `depth` steps up; it stops at a cause that has no facts. */
  ancestors(messageId: string, depth: number): string[];
  /** What the message caused directly, oldest first, at most `limit`. */
  effects(messageId: string, limit: number): string[];
  /** The messages that a batch took, in their order in it, at most `limit`: those whose starts are known. */
  batchItems(batchId: string, limit: number): string[];
  /** The messages of a workflow, oldest first, at most `limit`. */
  messagesOf(correlationId: string, limit: number): string[];
  /**
   * A workflow in counts: its first `limit` messages up to an instant by their type and that of what led to them. Counted by what was
   * recorded, in whatever order: a message is done, dead or discarded where that was recorded of it, nothing else of the
   * three, no replay, and an end to each start. All others are counted, and stand as their facts tell.
   */
  shapeOf(correlationId: string, until: number, limit: number): readonly ShapeGroup[];
  /** How each of these messages is counted in it; those of other workflows are not told. */
  countedIn(correlationId: string, messageIds: readonly string[]): readonly CountedMessage[];
  /** Those of its first million that are counted as dead, or as none of the three (`open`); oldest first, at most `limit`. */
  standing(correlationId: string, how: 'open' | 'dead', until: number, limit: number): readonly PlacedMessage[];
  /**
   * The messages that have a fact of this span, or came without a waybill from it: their gap names it. Hex ids; oldest
   * first, of about as many facts as `limit` says.
   */
  messagesAt(traceId: string, spanId: string, limit: number): string[];
  /** All facts of these messages, by `at`, then by arrival. */
  factsOf(messageIds: readonly string[]): MessageFact[];
  /** How much there is. `since` and `until` are Unix ms, null when it is empty. */
  extent(): { readonly facts: number; readonly since: number | null; readonly until: number | null };
  /** Facts that recorders say they dropped in the window: answers then say "at least". */
  dropped(since: number, until: number): number;
  /**
   * Whether the service has recorded itself what it sends to, or takes from, this system, however it is spelt; from
   * any, where that is null. What was derived is none.
   */
  records(service: string, system: string | null): boolean;
  /** What is said of these destinations beside facts; of all of them, where `names` is null. */
  destinations(names: readonly string[] | null): DestinationValue[];
  readonly timeline: Timeline;
}

/** One thing that is known of a destination beside facts: whoever declared, learned or probed it, and when. */
export interface DestinationValue {
  readonly destination: string;
  readonly source: 'declared' | 'learned' | 'probed';
  readonly field: string;
  /** As JSON has it. */
  readonly value: unknown;
  /** Unix ms. */
  readonly at: number;
}

/** Takes what is said of destinations. */
export interface DestinationShelf {
  /**
   * Resolves when it is on disk. A value takes the place of what the same source said of the same field, unless that is
   * newer; null takes it away. Rejects with DESTINATIONS_FULL where there are too many names.
   */
  keep(values: readonly DestinationValue[]): Promise<void>;
  /** Lets go of all that was said of it, and tells how many values that were. */
  remove(destination: string): Promise<number>;
}

/** Where a message is counted in the shape of its workflow: nothing led to it where that has no facts in there. */
export interface ShapePlace {
  readonly hasCause: boolean;
  readonly causeType: string | null;
  readonly eventType: string | null;
}

export interface PlacedMessage extends ShapePlace {
  readonly messageId: string;
}

export interface CountedMessage extends PlacedMessage {
  readonly standing: 'done' | 'dead' | 'discarded' | null;
  readonly executions: number;
  readonly hasGap: boolean;
}

export interface ShapeGroup extends ShapePlace {
  readonly messages: number;
  /** Starts that were recorded: a batch is one for each of its messages. */
  readonly executions: number;
  /** Messages with a gap. */
  readonly gaps: number;
  readonly done: number;
  readonly dead: number;
  readonly discarded: number;
  /** What led to all of them, where that is one message. */
  readonly causeId: string | null;
  readonly firstAt: number;
  /** One of them: that of which was heard first. */
  readonly firstId: string;
}

/** From one instant to before another, Unix ms; either may be infinite. Of all tenants, where `tenantId` is null. */
export interface Stretch {
  readonly since: number;
  readonly until: number;
  readonly tenantId: string | null;
}

/** A fact where it came: `key` counts arrivals. */
export interface Arrival {
  readonly key: number;
  readonly fact_id: string;
  readonly message_id: string;
}

/**
 * What happened in a stretch of time: indexes of what is looked for, because there are too many facts to read them.
 * Messages of one millisecond come in the order of their ids.
 */
export interface Timeline {
  /**
   * Facts, and messages that began: of the whole minutes that the stretch touches. Each may be looked up only where it is
   * read, so a question reads what it needs of them before it has answered.
   */
  counts(stretch: Stretch): { readonly facts: number; readonly messages: number };
  /** Messages that have a gap in it, the newest first, at most `limit`. */
  withGaps(stretch: Stretch, limit: number): string[];
  /** Messages of which an execution was settled in it as retry, dead or failed, the newest first, at most `limit`. */
  failing(stretch: Stretch, limit: number): string[];
  /** Messages that began in it and are not over, or have an execution that never ended; oldest first, at most `limit`. */
  open(stretch: Stretch, limit: number): string[];
  /** Destinations that something was sent to in it, at most `limit`, by name. */
  destinations(stretch: Stretch, limit: number): string[];
  /** Messages that began in it with a business key that begins so, whole or behind its first colon; oldest first. */
  keyed(beginning: string, stretch: Stretch, limit: number): string[];
  /** Messages that began in it, of a type where one is given, the newest first, at most `limit` of the last 100,000. */
  began(stretch: Stretch, eventType: string | null, limit: number): string[];
  /** All messages that were sent there in it, in that order; null where they are more than `limit`. */
  sentTo(destination: string, stretch: Stretch, limit: number): string[] | null;
  /** Some of them, the oldest, at most `limit`. */
  sampleOf(destination: string, stretch: Stretch, limit: number): string[];
  /** Its facts of messages in the order in which they came, at most `limit`: the last ones; or the first after a key. */
  arrivals(stretch: Stretch, after: number | null, limit: number): Arrival[];
}

/** Of a tenant, with a business key, or both: at least one is given. */
export interface Forgetting {
  readonly tenant?: string | undefined;
  readonly businessKey?: string | undefined;
}

/** Unix ms: a workflow is old when its last message began before; one of which something may still be waited for, later. */
export interface Age {
  readonly quietBefore: number;
  readonly openBefore: number;
}

/** What whoever runs the ledger asks of its store. */
export interface Upkeep {
  /** What was found to be lost when it was opened, and can be seen in no answer. */
  readonly damage?: LedgerError;
  /** Resolves when something could be written, which changes nothing; rejects as an append would. */
  probe(): Promise<void>;
  /** On disk, and 0 in memory; `usedBytes` without the pages that wait to be used again. */
  sizes(): Promise<{ readonly bytes: number; readonly walBytes: number; readonly usedBytes: number }>;
  /** Since it was opened: groups of writes that are on disk, and the rows of all of them. */
  commits(): Promise<{ readonly groups: number; readonly rows: number }>;
  /** Messages in the order of their arrival, at most `limit`: those whose key is larger than `after`. */
  messagesAfter(after: number, limit: number): Promise<{ readonly key: number; readonly message_id: string }[]>;
  /** What recorders say they dropped in the window, by time. */
  droppedFacts(since: number, until: number): Promise<DroppedFact[]>;
  /** How many messages `forget` would delete. */
  countOf(forgetting: Forgetting): Promise<number>;
  /** Deletes messages with their facts, so that the file does not hold them either; tells how many are done. */
  forget(
    forgetting: Forgetting,
    onProgress: (messages: number) => void,
  ): Promise<{ readonly messages: number; readonly facts: number }>;
  /**
   * Looks at some workflows that came after that of the key `after`, and deletes the whole of those that are old. `last`
   * is where to go on; null where there are no more.
   */
  prune(
    after: number,
    age: Age,
  ): Promise<{ readonly last: number | null; readonly workflows: number; readonly facts: number }>;
}

/** A span as it is kept: where it belongs, and all of it as text. */
export interface KeptSpan {
  readonly trace_id: string;
  readonly span_id: string;
  readonly text: string;
}

export interface ArrivedSpan {
  /** Unix ms. */
  readonly arrived_at: number;
  readonly text: string;
}

/** A look at a trace, and what it found still to wait for. */
export interface Look {
  readonly trace_id: string;
  /** How many spans there were: when more have come since, they are looked at as well. */
  readonly seen: number;
  /** Unix ms; null where nothing of it waits. */
  readonly next_at: number | null;
}

/** Where spans lie until facts are derived of them, and for a while after, for what comes late. */
export interface SpanShelf {
  /**
   * Resolves when the spans are on disk. One that is there already stays as it is. A trace that got new ones is looked
   * at from `lookAt` on, Unix ms; a large one later, because each look reads all of it.
   */
  keep(spans: readonly KeptSpan[], arrivedAt: number, lookAt: number): Promise<void>;
  /** Traces that are to be looked at by now, at most `limit`, those that wait longest first. */
  due(now: number, limit: number): Promise<string[]>;
  /** In an order that does not change. */
  of(traceId: string): Promise<ArrivedSpan[]>;
  looked(looks: readonly Look[]): Promise<void>;
  /** How many spans there are. */
  count(): Promise<number>;
  /** Since when, Unix ms, the trace waits that was to be looked at first; it may be yet to come. Null where none waits. */
  dueSince(): Promise<number | null>;
  /** Lets go of traces of which nothing waits and nothing came since `before`, the oldest first, at most `limit`. */
  letGo(before: number, limit: number): Promise<void>;
}
