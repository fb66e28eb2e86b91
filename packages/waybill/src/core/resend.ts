import type { Envelope } from './envelope.ts';
import type { Kernel } from './kernel.ts';
import { RULES } from './rules.ts';
import type { Send } from './send.ts';
import type { SendSpan } from './tracing.ts';

/** The envelope of a message that was made earlier: relayed, handed on, put aside, or sent again. */
export function resentEnvelope(kernel: Kernel, send: Send, createdAt: number): Envelope | undefined {
  const { relay, forward, deadLetter, replay } = send;
  if (relay !== undefined) return relay;
  if (forward !== undefined) {
    return { ...forward, hop: forward.hop + 1, traceMode: 'L', traceReason: RULES.forward.traceReason };
  }
  if (deadLetter !== undefined) return deadLetter; // its trace is kept: no span is made of it
  if (replay === undefined) return undefined;
  const { of, actor, planId } = replay;
  const again: Envelope = {
    ...of,
    traceMode: 'L',
    traceReason: (replay.isEdited ? RULES.replayEdited : RULES.replay).traceReason,
    relations: { ...of.relations, replay: { actor, planId } },
  };
  if (!replay.isEdited) return again;
  return {
    ...again,
    messageId: kernel.mint('msg', createdAt),
    relations: { ...again.relations, replayOf: of.messageId },
    byExecutionId: null, // no execution of its cause made it
    sentAt: createdAt,
  };
}

/** A replay keeps its creation context, and says beside it in which span the operator sent it: both are linked. */
export function byOperator(again: Envelope, { replay }: Send, { headers }: SendSpan): Envelope {
  const said = again.relations?.replay;
  if (replay === undefined || said === undefined || headers.traceparent === undefined) return again;
  return { ...again, relations: { ...again.relations, replay: { ...said, traceparent: headers.traceparent } } };
}
