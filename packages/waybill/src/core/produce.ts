import type { DestinationPolicy } from './destination-policy.ts';
import { writeDialect } from './dialect.ts';
import type { Envelope } from './envelope.ts';
import type { Kernel } from './kernel.ts';
import { childEnvelope, rootEnvelope, templateEnvelope } from './make-envelope.ts';
import { recordCreation } from './record-creation.ts';
import { recordGap } from './record-gap.ts';
import { recordReplayed } from './record-replayed.ts';
import { byOperator, resentEnvelope } from './resend.ts';
import type { Rule } from './rules.ts';
import { currentScope, type Scope } from './scope.ts';
import type { Receipt, Send, Sending } from './send.ts';
import { situationOfSend } from './send-situation.ts';
import { settleWith } from './settle.ts';
import { originatedSpanId } from './trace.ts';
import type { SendSpan } from './tracing.ts';

/** Mints the identity of a message, by the rule of its situation. Its facts wait until it is settled. */
export function prepare(kernel: Kernel, send: Send, shared?: SendSpan): Sending {
  const scope = currentScope();
  const createdAt = kernel.now();
  const policy = kernel.policyOf(send.destination);
  if (send.scheduleId !== undefined) {
    return new Template(addressed(templateEnvelope(kernel, send, scope, createdAt), policy));
  }
  const resent = resentEnvelope(kernel, send, createdAt);
  if (resent !== undefined) {
    // Whoever hands a message on is neither its cause nor its trace.
    const span = shared ?? spanOf(kernel, send, resent, undefined, true);
    const again = span === undefined ? resent : byOperator(resent, send, span);
    return new PreparedSend(kernel, send, addressed(again, policy), undefined, again.sentAt ?? createdAt, span, shared);
  }
  const rule = situationOfSend(scope, send);
  const made =
    scope === undefined
      ? rootEnvelope(kernel, send, createdAt)
      : childEnvelope(kernel, send, scope, rule, policy, createdAt);
  const span = shared ?? spanOf(kernel, send, made, scope, false);
  const traced = span === undefined ? made : { ...made, traceId: span.traceId, traceHeaders: span.headers };
  const envelope = policy === undefined ? traced : addressed(traced, policy);
  recordSendGap(kernel, send, envelope, rule, createdAt);
  return new PreparedSend(kernel, send, envelope, scope, createdAt, span, shared);
}

function spanOf(
  { tracing }: Kernel,
  send: Send,
  envelope: Envelope,
  scope: Scope | undefined,
  isResent: boolean,
): SendSpan | undefined {
  // What is put aside keeps its trace, and no span is made of it.
  if (tracing === undefined || send.deadLetter !== undefined) return undefined;
  return tracing.startSend({ send, count: 1, envelope, isResent, scope });
}

/** What its destination's policy asks of a message: nothing is written for one that is external. */
function addressed(envelope: Envelope, policy: DestinationPolicy | undefined): Envelope {
  if (policy?.trust === 'external') return { ...envelope, isExternal: true };
  const { dialect } = policy ?? {};
  return dialect === undefined ? envelope : { ...envelope, foreignHeaders: writeDialect(dialect, envelope) };
}

function recordSendGap(kernel: Kernel, send: Send, envelope: Envelope, rule: Rule, at: number): void {
  if (rule.gap !== null) recordGap(kernel, envelope, send, at, rule.gap, ['context'], kernel.service);
  else if (send.isCarrying === false && !envelope.isExternal)
    recordGap(kernel, envelope, send, at, 'no_context', ['waybill'], kernel.service);
}

/** Private state that `settle` needs later: most sends live through one await, so a closure each would cost more. */
class PreparedSend implements Sending {
  readonly envelope: Envelope;
  readonly #kernel: Kernel;
  readonly #send: Send;
  readonly #scope: Scope | undefined;
  readonly #createdAt: number;
  readonly #span: SendSpan | undefined;
  readonly #isSpanShared: boolean;
  #isSettled = false;

  constructor(
    kernel: Kernel,
    send: Send,
    envelope: Envelope,
    scope: Scope | undefined,
    createdAt: number,
    span: SendSpan | undefined,
    shared: SendSpan | undefined,
  ) {
    this.#kernel = kernel;
    this.#send = send;
    this.envelope = envelope;
    this.#scope = scope;
    this.#createdAt = createdAt;
    this.#span = span;
    this.#isSpanShared = shared !== undefined;
  }

  settle(receipt: Receipt): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const said = isReceipt(receipt) ? receipt : UNKNOWN;
    if (this.#send.replay !== undefined) recordReplayed(this.#kernel, this.#send, this.#send.replay, this.envelope);
    const spanId = this.#span?.spanId ?? originatedSpanId(this.#kernel, this.envelope, this.#scope);
    recordCreation(this.#kernel, this.#send, this.envelope, said, this.#scope, this.#createdAt, spanId);
    this.#kernel.metering?.sent(this.#send, said);
    if (!this.#isSpanShared) this.#span?.settled(said);
  }
}

/** Stored by a scheduler, and no message: nothing is recorded before a tick. */
class Template implements Sending {
  readonly envelope: Envelope;

  constructor(envelope: Envelope) {
    this.envelope = envelope;
  }

  settle(): void {}
}

const TAKEN: Receipt = Object.freeze({ status: 'taken' });
const UNKNOWN: Receipt = Object.freeze({ status: 'unknown' });
/** The library's answer decides it, and may be another than we know: the message is sent all the same. */
function isReceipt(said: Receipt | null | undefined): said is Receipt {
  return typeof said?.status === 'string';
}

/**
 * Prepares, publishes, settles. What `publish` returns or throws goes on unchanged: a value stays a value, a
 * promise a promise.
 */
export function produce<R>(
  kernel: Kernel,
  send: Send,
  publish: (envelope: Envelope) => R,
  receiptOf: ((result: Awaited<R>) => Receipt) | undefined,
): R {
  const sending = prepare(kernel, send);
  return settleWith(
    () => publish(sending.envelope),
    (result) => sending.settle(receiptOf === undefined ? TAKEN : safely(receiptOf, result, UNKNOWN)),
    (error) => sending.settle({ status: 'unknown', error }),
  );
}

/** The same for n messages in one call of the library: an identity each, and a receipt each, in order. */
export function produceAll<R>(
  kernel: Kernel,
  sends: readonly Send[],
  publish: (envelopes: Envelope[]) => R,
  receiptsOf: ((result: Awaited<R>) => Receipt[]) | undefined,
): R {
  const fanoutId = sends.length > 1 ? kernel.mint('fan', kernel.now()) : '';
  const span = sharedSpan(kernel, sends);
  const sendings = sends.map((send, index) => {
    const fanout = send.fanout ?? (sends.length > 1 ? { id: fanoutId, index, count: sends.length } : undefined);
    return prepare(kernel, { ...send, fanout }, span);
  });
  const settleAll = (receipts: readonly Receipt[] | undefined, rest: Receipt) => {
    for (const [index, sending] of sendings.entries()) sending.settle(receipts?.[index] ?? rest);
    span?.settled(rest);
  };
  return settleWith(
    () => publish(sendings.map(({ envelope }) => envelope)),
    (result) =>
      receiptsOf === undefined ? settleAll(undefined, TAKEN) : settleAll(safely(receiptsOf, result, []), UNKNOWN),
    (error) => settleAll(undefined, { status: 'unknown', error }),
  );
}

/** One call is one span, and the creation context of all that it hands over. */
function sharedSpan(kernel: Kernel, sends: readonly Send[]): SendSpan | undefined {
  const [send] = sends;
  if (kernel.tracing === undefined || send === undefined || sends.length === 1) return undefined;
  const scope = currentScope();
  const count = sends.length;
  return kernel.tracing.startSend({ send, count, envelope: undefined, isResent: false, scope });
}

function safely<A, B>(ask: (answer: A) => B, answer: A, otherwise: B): B {
  try {
    return ask(answer);
  } catch {
    return otherwise;
  }
}
