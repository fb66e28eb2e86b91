/** What a broker says of one of its destinations. What it does not say is left out: 0 would be a claim. */
export interface DestinationReport {
  /** As facts name it. */
  readonly name: string;
  readonly kind: 'queue' | 'topic' | 'dead-letter';
  /** As facts name it. */
  readonly system: string;
  /** Messages that could be taken now: without those that are delayed, blocked or worked on. */
  readonly depth?: number | undefined;
  /** How long the oldest of these could have been taken; 0 where there are none. */
  readonly oldest_ms?: number | undefined;
  /** Workers that take from there, each counted once, however many messages it takes at a time. */
  readonly consumers?: number | undefined;
  /** RFC 3339, where a broker remembers it. While there are consumers, whoever passes the report on says: now. */
  readonly last_consumer_seen_at?: string | undefined;
  /** How long a worker may be silent until its message is given to another. */
  readonly lease_ms?: number | undefined;
  readonly max_attempts?: number | undefined;
  /** Where a message goes that has failed so often. */
  readonly dead_letter?: string | undefined;
}

/** Asks a broker; one answer may be of several destinations. */
export type Probe = () => Promise<DestinationReport | readonly DestinationReport[]>;

/** How long ago something was; undefined for an instant that is still to come: then a clock or a schedule was changed. */
export function agedMs(since: number | undefined, now: number): number | undefined {
  return since === undefined || !(since <= now) ? undefined : now - since;
}
