import { hostname } from 'node:os';
import { openBatch } from './batch.ts';
import { consume, execute } from './consume.ts';
import type { BatchExecution, Delivery, Execution, IngressEdge, JudgeOutcome } from './delivery.ts';
import { type DestinationPolicy, isDestinations, isDialect, policiesOf } from './destination-policy.ts';
import type { Probe } from './destination-report.ts';
import type { Dialect } from './dialect.ts';
import { type Discarded, discard } from './discard.ts';
import type { Envelope } from './envelope.ts';
import type { Fact, Recorder } from './facts.ts';
import { type IdPrefix, isCarriableId, type MintId, mintId, mintTraceId } from './ids.ts';
import { ingress } from './ingress.ts';
import type { Kernel } from './kernel.ts';
import { open } from './open.ts';
import { checkOptions, isFlag, isFunction, isText, type OptionRule } from './options.ts';
import { prepare, produce, produceAll } from './produce.ts';
import { createSafeguard, reasonOf, warn } from './safeguard.ts';
import type { Receipt, Send, Sending } from './send.ts';
import type { Tracing } from './tracing.ts';
import { isTraceId } from './w3c.ts';

export interface WaybillOptions {
  /** The service's name, as OpenTelemetry's `service.name`. */
  readonly service: string;
  /** Where facts go; nowhere, if left out: identity is carried all the same. */
  readonly recorder?: Recorder | undefined;
  readonly version?: string | undefined;
  /** This running copy; host name and a random ending, if left out. */
  readonly instance?: string | undefined;
  /** A tracer, for spans beside the facts: what `bridge` of `waybill/otel` makes of OpenTelemetry's API. */
  readonly tracing?: Tracing | undefined;
  /** Makes a `traceparent` where none came in and no tracer runs. Off: a parent that nobody exports harms others. */
  readonly originateTrace?: boolean | undefined;
  /** What differs from the rules at single destinations: trust, parent or link, a foreign system that reads there. */
  readonly destinations?: Readonly<Record<string, DestinationPolicy>> | undefined;
  /** Foreign systems whose messages come here without a waybill, and are understood all the same. */
  readonly dialects?: readonly Dialect[] | undefined;
  /**
   * Where schedules of one name are the same one; a tick's id is made of it. The deployment environment, as
   * `OTEL_RESOURCE_ATTRIBUTES` names it, and the service, if left out.
   */
  readonly namespace?: string | undefined;
  /** Unix ms. For tests. */
  readonly clock?: (() => number) | undefined;
  /** For tests. */
  readonly mintId?: MintId | undefined;
  /** Makes a W3C trace id. For tests. */
  readonly mintTraceId?: (() => string) | undefined;
}

/** The instance: four primitives, and the short forms made of them. Nothing in it throws because of context. */
export interface Waybill {
  /** Mints a message's identity. Write the envelope with a layout, hand the message over, then settle. */
  prepare(send: Send): Sending;
  open(delivery: Delivery): Execution;
  openBatch(deliveries: readonly Delivery[]): BatchExecution;
  ingress(edge: IngressEdge): Execution;
  ingress<R>(edge: IngressEdge, handler: (execution: Execution) => R, judge?: JudgeOutcome): R;
  /** prepare, publish, settle. What `publish` gives comes back: a value stays a value, a promise a promise. */
  produce<R>(send: Send, publish: (envelope: Envelope) => R, receiptOf?: (result: Awaited<R>) => Receipt): R;
  produceAll<R>(
    sends: readonly Send[],
    publish: (envelopes: Envelope[]) => R,
    receiptsOf?: (result: Awaited<R>) => Receipt[],
  ): R;
  /** open, run, judge. Without a judge a throw is `failed`. The handler's error goes on unchanged. */
  consume<R>(delivery: Delivery, handler: (execution: Execution) => R, judge?: JudgeOutcome): R;
  /** The second half of `consume`, for an execution that the adapter opened. */
  execute<R>(execution: Execution, handler: (execution: Execution) => R, judge?: JudgeOutcome): R;
  /** Records that a message will never run: cancelled, expired, superseded, or rolled back with its transaction. */
  discard(discarded: Discarded): void;
  /** Asks a transport something for a fact's sake: it shows in no trace of the app. */
  untraced<R>(work: () => R): R;
  /**
   * Has the recorder ask what a broker says of its destinations, every now and then until `close`: probes come with
   * some adapters. One that fails is counted and warned of.
   *
   * @throws OPTION_INVALID for what is no function.
   */
  watch(probe: Probe): void;
  /** Flushes the recorder, then stops it. Never rejects. */
  close(): Promise<void>;
}

const isRecorder: OptionRule = {
  expected: 'a recorder: an object with a function "record"',
  fits: (value) =>
    typeof value === 'object' && value !== null && 'record' in value && typeof value.record === 'function',
};

const isTracing: OptionRule = {
  expected: 'what "bridge" of "waybill/otel" makes: an object with functions "startSend" and "startExecution"',
  fits: (value) =>
    typeof value === 'object' &&
    value !== null &&
    'startSend' in value &&
    typeof value.startSend === 'function' &&
    'startExecution' in value &&
    typeof value.startExecution === 'function',
};

/**
 * Makes the instance that adapters are given.
 *
 * @throws OPTION_UNKNOWN, OPTION_INVALID, OPTION_MISSING for a mistake in the options; nothing throws later.
 */
export function createWaybill(options: WaybillOptions): Waybill {
  checkOptions('createWaybill', options, {
    service: { ...isText, required: true },
    recorder: isRecorder,
    version: isText,
    instance: isText,
    tracing: isTracing,
    originateTrace: isFlag,
    destinations: isDestinations,
    dialects: {
      expected: 'a list of dialects, each with "name" and a function "read"',
      fits: (value) => Array.isArray(value) && value.every(isDialect.fits),
    },
    namespace: isText,
    clock: isFunction,
    mintId: isFunction,
    mintTraceId: isFunction,
  });
  const kernel = kernelOf(options);
  return {
    prepare: (send) => prepare(kernel, send),
    open: (delivery) => open(kernel, delivery),
    openBatch: (deliveries) => openBatch(kernel, deliveries),
    ingress: <R>(edge: IngressEdge, handler?: (execution: Execution) => R, judge?: JudgeOutcome) => {
      const execution = ingress(kernel, edge);
      // Sound: the overloads say that an execution comes back without a handler, and its result with one.
      return (handler === undefined ? execution : execute(execution, handler, judge)) as Execution & R;
    },
    produce: (send, publish, receiptOf) => produce(kernel, send, publish, receiptOf),
    produceAll: (sends, publish, receiptsOf) => produceAll(kernel, sends, publish, receiptsOf),
    consume: (delivery, handler, judge) => consume(kernel, delivery, handler, judge),
    execute: (execution, handler, judge) => execute(execution, handler, judge),
    discard: (discarded) => discard(kernel, discarded),
    untraced: kernel.untraced,
    watch: (probe) => {
      checkOptions('watch', { probe }, { probe: { ...isFunction, required: true } });
      options.recorder?.watch?.(probe);
    },
    close: async () => {
      try {
        await options.recorder?.close?.();
      } catch (error) {
        warn(`The recorder could not be closed: ${reasonOf(error)}`); // an app that is stopping goes on stopping
      }
    },
  };
}

function kernelOf(options: WaybillOptions): Kernel {
  const { recorder, tracing, clock, mintId: mint, mintTraceId: mintTrace } = options;
  const guard = createSafeguard(Date.now);
  const untraced: Kernel['untraced'] = (work) => (tracing === undefined ? work() : tracing.untraced(work));
  // Once, and not around each fact: entering costs more than a fact that only waits in a buffer.
  if (tracing !== undefined)
    guard(
      'recorder',
      () => recorder?.runsIn?.(untraced),
      () => {},
    )();
  let seq = 0;
  if (recorder !== undefined) tracing?.metering?.watch(recorder);
  return {
    service: options.service,
    instance: options.instance ?? `${hostname()}-${mintId('exe', Date.now()).slice(-6)}`,
    version: options.version,
    tracing,
    metering: tracing?.metering,
    originateTrace: options.originateTrace ?? false,
    namespace: options.namespace ?? `${deploymentEnvironment()}/${options.service}`,
    dialects: options.dialects ?? [],
    policyOf: policiesOf(options.destinations),
    now: clock === undefined ? Date.now : guard('clock', () => wholeMs(clock()), Date.now),
    mint:
      mint === undefined
        ? mintId
        : guard('mintId', (prefix: IdPrefix, at: number) => fitting(mint(prefix, at), isCarriableId), mintId),
    mintTraceId:
      mintTrace === undefined ? mintTraceId : guard('mintTraceId', () => fitting(mintTrace(), isTraceId), mintTraceId),
    nextSeq: () => ++seq,
    untraced,
    isRecording: recorder !== undefined,
    record:
      recorder === undefined
        ? () => {}
        : guard(
            'recorder',
            (fact: Fact) => recorder.record(fact),
            () => {},
          ),
  };
}

/** OpenTelemetry's `deployment.environment.name`, where the process is told it; else nothing. */
function deploymentEnvironment(): string {
  const attributes = process.env['OTEL_RESOURCE_ATTRIBUTES']?.split(',') ?? [];
  const named = attributes.map((attribute) => attribute.trim()).find((attribute) => ENVIRONMENT.test(attribute));
  return named?.slice(named.indexOf('=') + 1) ?? '';
}

/** The name of the convention, and the one that it had before. */
const ENVIRONMENT = /^deployment\.environment(\.name)?=/;

/** The last instant that a Date can hold: a later one could not even be printed. */
const INSTANT_MAX = 8.64e15;

/** What a clock of the app's own said, as the wire has it: NaN would make a waybill that nobody can read. */
function wholeMs(at: number): number {
  if (typeof at === 'number' && at >= 0 && at <= INSTANT_MAX) return Math.floor(at);
  throw new RangeError(`${at} is no time in Unix milliseconds`);
}

function fitting(id: string, fits: (id: unknown) => boolean): string {
  if (fits(id)) return id;
  throw new TypeError('what it gave is no id');
}
