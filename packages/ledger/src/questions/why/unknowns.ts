import type { StartedFact } from 'waybill';
import { type Claim, unknown } from '../evidence.ts';
import type { Message, MessageAtSubscription } from '../reconstruct.ts';
import type { Chain } from './causes.ts';

/** What the facts cannot tell, and what would. */
export interface Unknown extends Claim {
  readonly kind: 'effect' | 'execution' | 'delivery' | 'publish' | 'cause';
  readonly question: string;
  readonly attempt: number | null;
  readonly because: string | null;
  /** What to look up elsewhere; null where nothing is known that would help. */
  readonly ask_for: string | null;
}

export function unknownsOf(
  message: Message,
  at: MessageAtSubscription,
  { end }: Chain,
  wasUnseen: boolean,
  asOf: number,
): Unknown[] {
  const found: Unknown[] = [];
  for (const { outcome, attempt, started, leaseUntil } of at.executions) {
    if (!started || (outcome !== 'lost' && outcome !== 'open')) continue;
    const which = attempt === null ? 'the lost execution' : `attempt ${attempt}`;
    const ask_for = idempotencyKey(started);
    const common = { attempt, because: null, ask_for, ...unknown(started) };
    if (outcome === 'lost') found.push({ kind: 'effect', question: `did ${which} take effect?`, ...common });
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
  if (wasUnseen)
    found.push({
      kind: 'delivery',
      question: `was ${name} delivered?`,
      because: 'nobody who takes it records facts',
      ...rest,
    });
  else if (at.state === 'unknown' && at.executions.length === 0)
    found.push({
      kind: 'publish',
      question: `was ${name} handed over?`,
      because: 'no fact says that the transport took it',
      ...rest,
    });
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
