import type { Envelope } from './envelope.ts';
import { isWhole, wholeOrNone } from './identity-text.ts';
import type { Kernel } from './kernel.ts';
import { recordCreation, recordGap } from './record.ts';
import { HOPS_IN_ONE_TRACE, RULES, type Rule, SENDS_IN_ONE_TRACE } from './rules.ts';
import { currentScope, type Scope } from './scope.ts';
import type { Receipt, Send, Sending } from './send.ts';
import { settleWith } from './settle.ts';
import { NO_TRACE_HEADERS } from './w3c.ts';

function situationOf(scope: Scope | undefined, send: Send): Rule {
  if (scope === undefined) return RULES.noScope;
  if (scope.continuedFrom !== undefined) return RULES.newWorkflow;
  if (send.notBefore !== undefined || send.isDelayed) return RULES.delayed;
  if (send.kind === 'event') return RULES.event;
  return send.fanout === undefined ? RULES.command : RULES.fanout;
}

/** Why an ordinary command is no child of its sender after all; null where it is. */
function weakness(scope: Scope, hop: number): string | null {
  if (scope.run.endedAt !== undefined) return 'late';
  if (hop >= HOPS_IN_ONE_TRACE) return 'hops';
  return scope.run.sends > SENDS_IN_ONE_TRACE ? 'fan-out' : null;
}

/** Mints the identity of a message, by the rule of its situation. Its facts wait until it is settled. */
export function prepare(kernel: Kernel, send: Send): Sending {
  const scope = currentScope();
  const createdAt = kernel.now();
  if (send.relay !== undefined) {
    return new PreparedSend(kernel, send, send.relay, scope, send.relay.sentAt ?? createdAt);
  }
  const rule = situationOf(scope, send);
  const envelope =
    scope === undefined ? rootEnvelope(kernel, send, createdAt) : childEnvelope(kernel, send, scope, rule, createdAt);
  if (rule.gap !== null) recordGap(kernel, envelope, send, createdAt, rule.gap, ['context'], kernel.service);
  else if (send.isCarrying === false)
    recordGap(kernel, envelope, send, createdAt, 'no_context', ['waybill'], kernel.service);
  return new PreparedSend(kernel, send, envelope, scope, createdAt);
}

function childEnvelope(kernel: Kernel, send: Send, scope: Scope, rule: Rule, createdAt: number): Envelope {
  const { context, run } = scope;
  run.sends++;
  const hop = context.hop + 1;
  const weak = rule.trace === 'P?' ? weakness(scope, hop) : rule.traceReason;
  const operation = send.operation === undefined ? context.operation : wholeOrNone(send.operation);
  const lost = scope.bindings.lost + scope.hidden.lost + lostIdentities(send);
  return {
    messageId: kernel.mint('msg', createdAt),
    correlationId: context.correlationId,
    causationId: scope.causeId,
    traceId: context.traceId,
    originTraceId: scope.originTraceId,
    traceHeaders: scope.traceHeaders,
    tenantId: context.tenantId,
    operation,
    eventType: wholeOrNone(send.eventType),
    businessKey: send.businessKey === undefined ? context.businessKey : wholeOrNone(send.businessKey),
    // A workflow begun outside every scope has no execution that made it.
    byExecutionId: scope.causeId === null ? null : context.executionId,
    traceMode: weak === null ? 'P' : 'L',
    traceReason: weak ?? rule.traceReason,
    hop,
    sentAt: createdAt,
    bindingsJson: scope.bindings.json(),
    hiddenJson: scope.hidden.json(),
    fanout: send.fanout,
    continuedFrom: scope.continuedFrom,
    overflow: lost === 0 ? undefined : lost,
    inheritJson: scope.inheritJson,
    unknownJson: undefined,
  };
}

/** A message that nothing leads to: it begins a workflow of its own, and its trace is nobody's child. */
function rootEnvelope(kernel: Kernel, send: Send, createdAt: number): Envelope {
  const messageId = kernel.mint('msg', createdAt);
  const lost = lostIdentities(send);
  return {
    messageId,
    correlationId: messageId,
    causationId: null,
    traceId: kernel.mintTraceId(),
    originTraceId: undefined,
    traceHeaders: NO_TRACE_HEADERS,
    tenantId: null,
    operation: wholeOrNone(send.operation),
    eventType: wholeOrNone(send.eventType),
    businessKey: wholeOrNone(send.businessKey),
    byExecutionId: null,
    traceMode: 'L',
    traceReason: RULES.noScope.traceReason,
    hop: 0,
    sentAt: createdAt,
    bindingsJson: null,
    hiddenJson: null,
    fanout: send.fanout,
    continuedFrom: undefined,
    overflow: lost === 0 ? undefined : lost,
    inheritJson: undefined,
    unknownJson: undefined,
  };
}

function lostIdentities(send: Send): number {
  if (isWhole(send.operation) && isWhole(send.eventType) && isWhole(send.businessKey)) return 0;
  return Number(!isWhole(send.operation)) + Number(!isWhole(send.eventType)) + Number(!isWhole(send.businessKey));
}

/** Private state that `settle` needs later: most sends live through one await, so a closure each would cost more. */
class PreparedSend implements Sending {
  readonly envelope: Envelope;
  readonly #kernel: Kernel;
  readonly #send: Send;
  readonly #scope: Scope | undefined;
  readonly #createdAt: number;
  #isSettled = false;

  constructor(kernel: Kernel, send: Send, envelope: Envelope, scope: Scope | undefined, createdAt: number) {
    this.#kernel = kernel;
    this.#send = send;
    this.envelope = envelope;
    this.#scope = scope;
    this.#createdAt = createdAt;
  }

  settle(receipt: Receipt): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const said = isReceipt(receipt) ? receipt : UNKNOWN;
    recordCreation(this.#kernel, this.#send, this.envelope, said, this.#scope, this.#createdAt);
  }
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
    () => sending.settle(UNKNOWN),
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
  const sendings = sends.map((send, index) => {
    const fanout = send.fanout ?? (sends.length > 1 ? { id: fanoutId, index, count: sends.length } : undefined);
    return prepare(kernel, { ...send, fanout });
  });
  const settleAll = (receipts: readonly Receipt[] | undefined, rest: Receipt) => {
    for (const [index, sending] of sendings.entries()) sending.settle(receipts?.[index] ?? rest);
  };
  return settleWith(
    () => publish(sendings.map(({ envelope }) => envelope)),
    (result) =>
      receiptsOf === undefined ? settleAll(undefined, TAKEN) : settleAll(safely(receiptsOf, result, []), UNKNOWN),
    () => settleAll(undefined, UNKNOWN),
  );
}

function safely<A, B>(ask: (answer: A) => B, answer: A, otherwise: B): B {
  try {
    return ask(answer);
  } catch {
    return otherwise;
  }
}
