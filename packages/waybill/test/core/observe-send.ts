import type { Envelope } from '../../src/core/envelope.ts';
import type { GapFact } from '../../src/core/facts.ts';
import type { Rule } from '../../src/core/rules.ts';
import { bind } from '../../src/core/scope.ts';
import type { Send } from '../../src/core/send.ts';
import { anEnvelope, type KnownWaybill, knownWaybill, TRACEPARENT } from '../known-waybill.ts';

/** The cells of a row, as they show from outside. */
export type Observed = Omit<Rule, 'situation'>;

export const SEND: Send = { system: 'nats', destination: 'mails' };
const traceHeaders = { traceparent: TRACEPARENT };
/** The message that is being handled: msg_9 of the workflow req_7, caused by msg_8, bound to the plan gold. */
export const HANDLED = anEnvelope({ traceHeaders, traceReason: null });
/** A message of another workflow, made earlier, bound to the plan silver. */
export const MADE_EARLIER = anEnvelope({
  messageId: 'msg_5',
  correlationId: 'req_5',
  causationId: 'msg_4',
  bindingsJson: '{"plan":"silver"}',
});

export function gapOf({ of }: KnownWaybill): Rule['gap'] {
  // Sound: `of` gives facts of the kind that it is asked for.
  return (of('gap')[0] as GapFact | undefined)?.gap.reason ?? null;
}

/** What comes of a message that is sent while another is handled, and of the seventeenth alike. */
export function observeSend(more: Partial<Send>): Observed {
  return observeSending((known) => known.waybill.produce({ ...SEND, ...more }, (envelope) => envelope));
}

export function observeSending(sendOne: (known: KnownWaybill) => Envelope): Observed {
  const known = knownWaybill();
  const delivery = { system: 'nats', destination: 'orders', envelope: HANDLED, brokerId: '17' };
  const [first, seventeenth] = known.waybill.consume(delivery, () => {
    bind({ plan: 'gold' });
    const sent = Array.from({ length: 17 }, () => sendOne(known));
    return [sent[0], sent[16]] as [Envelope, Envelope]; // sound: seventeen were sent
  });
  return { ...shownBy(first, seventeenth), gap: gapOf(known) };
}

/** What comes of a message that nothing leads to. */
export function observeRootSend(): Observed {
  const known = knownWaybill();
  const sent = known.waybill.produce(SEND, (envelope) => envelope);
  return { ...shownBy(sent, sent), gap: gapOf(known) };
}

function shownBy(sent: Envelope, seventeenth: Envelope): Omit<Observed, 'gap'> {
  return {
    correlation: correlationOf(sent),
    causation: sent.causationId === 'msg_9' ? 'handled' : sent.causationId === null ? 'none' : 'carried',
    messageId: messageIdOf(sent),
    trace: traceOf(sent, seventeenth),
    traceReason: isAsMade(sent) ? '' : (sent.traceReason ?? ''),
    bindings: bindingsOf(sent),
  };
}

function correlationOf({ correlationId, messageId, relations }: Envelope): Rule['correlation'] {
  if (correlationId === 'req_7') return 'inherited';
  if (correlationId === 'req_5') return 'carried';
  if (relations?.continuedFrom === 'req_7') return 'continued';
  return correlationId === messageId ? 'own' : 'unanimous';
}

function messageIdOf({ messageId, relations }: Envelope): Rule['messageId'] {
  if (messageId === 'msg_5') return 'carried';
  return relations?.replayOf === 'msg_5' ? 'edited' : 'new';
}

function isAsMade({ messageId, traceMode, traceReason }: Envelope): boolean {
  return messageId === 'msg_5' && traceMode === MADE_EARLIER.traceMode && traceReason === MADE_EARLIER.traceReason;
}

function traceOf(sent: Envelope, seventeenth: Envelope): Rule['trace'] {
  if (isAsMade(sent)) return 'kept';
  if (sent.traceMode === 'P') return seventeenth.traceMode === 'P' ? 'P' : 'P?';
  // A message of a scope has something that a link can lead to.
  return sent.causationId === null ? 'root' : 'L';
}

function bindingsOf({ bindingsJson }: Envelope): Rule['bindings'] {
  const { plan } = JSON.parse(bindingsJson ?? '{}');
  return plan === 'gold' ? 'snapshot' : plan === 'silver' ? 'carried' : 'none';
}
