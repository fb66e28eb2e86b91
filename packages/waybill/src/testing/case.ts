import type { Waybill } from '../core/waybill.ts';

/** What a library may be able to do. An adapter claims what its library can; what it cannot is skipped, by name. */
export type Claim =
  | 'bulk'
  | 'concurrency'
  | 'dead letter'
  | 'deduplication'
  | 'delay'
  | 'flow'
  | 'no payload'
  | 'retry'
  | 'schedule'
  | 'stall';

export interface SendOptions {
  readonly delayMs?: number;
  /** The app's own key: of two messages with one key, while the first is there, the library takes one. */
  readonly key?: string;
}

export type Handler = (payload: unknown) => unknown;

/** An instrumented client, driven in the same words whatever its library is. */
export interface Harness {
  /**
   * Sends through the instrumented client; several payloads as one bulk. Every destination allows two attempts
   * without a wait between them, and then hands the message to `dead.<destination>`, where the library can.
   */
  send(destination: string, payloads: readonly unknown[], options: SendOptions): Promise<unknown>;
  /** Sends past the instrumented client, as another system would, with these strings where context is looked for. */
  sendForeign(
    destination: string,
    payload: unknown,
    carrier: Readonly<Record<string, string>> | null,
  ): Promise<unknown>;
  consume(destination: string, handler: Handler, concurrency: number): Promise<unknown>;
  /** The message of the error that the library holds of the destination's one failed message. */
  failureOf(destination: string): Promise<string>;
  /** With the claim `schedule`: has the library send this at every tick, a second apart or as often as it can. */
  schedule?(destination: string, scheduleId: string, payload: unknown): Promise<unknown>;
  /** With the claim `flow`: one message to `parent` that waits for one to each of `children`. */
  sendFlow?(parent: string, children: readonly string[], payload: unknown): Promise<unknown>;
  /** With the claim `stall`: a worker that takes one message, runs the handler, and dies before it has settled it. */
  consumeAndDie?(destination: string, handler: Handler): Promise<unknown>;
  close(): Promise<unknown>;
}

/** How a library is driven, and what it can do. */
export interface Subject {
  readonly name: string;
  readonly claims: readonly Claim[];
  /** Cases that the library cannot meet although it claims their kind, each with the reason. */
  readonly limits?: Readonly<Record<string, string>>;
  start(waybill: Waybill): Promise<Harness>;
}

/** What a case acts with. Destinations are short names; the real ones are unique to the run. */
export interface World {
  readonly waybill: Waybill;
  /** Runs the work as one HTTP request of tenant `acme`, operation `checkout`. */
  request<R>(work: () => R): R;
  send(destination: string, ...payloads: unknown[]): Promise<unknown>;
  sendLater(destination: string, delayMs: number, payload: unknown): Promise<unknown>;
  sendForeign(
    destination: string,
    payload: unknown,
    carrier?: Readonly<Record<string, string>> | null,
  ): Promise<unknown>;
  /** Runs the handler for each delivery, one at a time unless said otherwise. */
  consume(destination: string, handler: Handler, concurrency?: number): Promise<unknown>;
  sendWithKey(destination: string, key: string, payload: unknown): Promise<unknown>;
  schedule(destination: string, scheduleId: string, payload: unknown): Promise<unknown>;
  sendFlow(parent: string, children: readonly string[], payload: unknown): Promise<unknown>;
  consumeAndDie(destination: string, handler: Handler): Promise<unknown>;
  failureOf(destination: string): Promise<string>;
  /** Waits until a fact's line begins so: `orders#1 settled`. */
  until(line: string): Promise<void>;
}

export interface Case {
  /** What a user can rely on, as one sentence. */
  readonly outcome: string;
  readonly needs?: Claim;
  /** The recorder throws at every fact; then there are none to compare. */
  readonly hasBrokenRecorder?: true;
  /** A schedule fires until it is stopped, and libraries count a worker's death differently: these facts, and maybe more. */
  readonly isOpenEnded?: true;
  act(world: World): Promise<void>;
  /** All facts, in any order: one more or one fewer fails the case, unless it is open-ended. */
  readonly facts: readonly string[];
}
