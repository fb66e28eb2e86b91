/** Who a message is, and what led to it, as far as spans and facts tell. */
export interface Identity {
  readonly messageId: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  /** Of a send in a batch of several workflows: all their ids. */
  readonly correlations?: readonly string[] | undefined;
  readonly byExecutionId?: string | undefined;
  /** Of what is handled: what created it was named, and is not known. */
  readonly isLost?: true | undefined;
}

/** What is being handled: the cause of all that is sent meanwhile. */
export interface Handling {
  /** The message, or the batch. */
  readonly causeId: string;
  readonly correlationId: string;
  readonly correlations?: readonly string[] | undefined;
  /** Undefined where nobody says how it was handled. */
  readonly executionId?: string | undefined;
}

/** A span that something is derived of, once all that it rests on is known. */
export type Resolved =
  | {
      readonly is: 'sent';
      readonly identity: Identity;
      readonly handling: Handling;
      /** It was derived before, without a cause. */
      readonly isCauseLate: boolean;
    }
  | {
      readonly is: 'handled';
      /** Several where it is a batch. */
      readonly items: readonly Identity[];
      readonly batchId: string | null;
      readonly executionId: string;
      readonly handling: Handling;
      /** How it is tied to what created it. */
      readonly by: 'link' | 'parent' | 'itself';
    }
  /** Its own service tells of it: nothing is derived, but of what it leads to. Null where nobody knows what that was. */
  | { readonly is: 'recorded'; readonly handling: Handling | null };
