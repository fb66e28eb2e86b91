import type { StartedFact } from 'waybill';
import { type Claim, unknown } from '../evidence.ts';
import type { Message, MessageAtSubscription } from '../graph/message.ts';
import type { WhyChain } from './chain.ts';

/** What the facts cannot tell, and what would. */
export interface Unknown extends Claim {
  readonly kind: 'effect' | 'execution' | 'delivery' | 'publish' | 'cause';
  readonly question: string;
  readonly attempt: number | null;
  readonly because: string | null;
  /** What to look up elsewhere; null where nothing is known that would help. */
  readonly ask_for: string | null;
}

export function unknownsOf(message: Message, at: MessageAtSubscription, { end }: WhyChain, asOf: number): Unknown[] {
  const found: Unknown[] = [];
  for (const { outcome, attempt, started, leaseUntil, executionId } of at.executions) {
    if (!started || (outcome !== 'lost' && outcome !== 'open')) continue;
    const which = attempt === null ? 'the lost execution' : `attempt ${attempt}`;
    const ask_for = idempotencyKey(started);
    const common = { attempt, because: null, ask_for, ...unknown(started) };
    if (outcome === 'lost') found.push({ kind: 'effect', question: `did ${which} take effect?`, ...common });
    else if (at.evidence === 'unknown' && at.executions.at(-1)?.executionId === executionId)
      found.push({ kind: 'execution', question: `how did ${which} end?`, ...common, because: 'its facts are missing' });
    else if (leaseUntil !== null && leaseUntil < asOf)
      found.push({
        kind: 'execution',
        question: `is ${which} still running?`,
        ...common,
        because: 'its lease ran out',
      });
  }
  const name = message.eventType ?? message.messageId;
  const rest = { attempt: null, ask_for: null, ...unknown(message.first) };
  if (message.takenUnseen !== null)
    found.push({
      kind: 'delivery',
      question: `was ${name} delivered?`,
      because: 'nobody who takes it records facts',
      ...rest,
    });
  else if (at.state === 'unknown' && at.executions.length === 0) found.push({ ...unheard(message, name), ...rest });
  if (end)
    found.push({
      kind: 'cause',
      question: end.question,
      because: end.because,
      attempt: null,
      ask_for: null,
      ...end.claim,
    });
  return found;
}

/** It was handed over, and nobody who would say so took it; or nobody has said that it was handed over. */
function unheard({ sent }: Message, name: string): Pick<Unknown, 'kind' | 'question' | 'because'> {
  return sent?.status === 'taken'
    ? {
        kind: 'delivery',
        question: `was ${name} delivered?`,
        because: 'whoever takes it records no facts, or they are missing',
      }
    : { kind: 'publish', question: `was ${name} handed over?`, because: 'no fact says that the transport took it' };
}

/** The key under which the other side may remember the call, if the app bound one. */
function idempotencyKey({ bindings }: StartedFact): string | null {
  if (!bindings?.includes('idempotency_key')) return null;
  try {
    const { idempotency_key: key } = JSON.parse(bindings);
    return typeof key === 'string' || typeof key === 'number' ? String(key) : null;
  } catch {
    return null;
  }
}
