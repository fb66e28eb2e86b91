import { why } from '@waybill/ledger';
import type { TrueMessage } from 'waybill/testing';
import { type Score, Scoring } from './claim.ts';
import type { Workflow } from './workflow.ts';

/** Which request or upstream event created this? The direct cause as a claim, and the chain to the root as an answer. */
export function scoreWhy({ graph, messages }: Workflow): Score {
  const scoring = new Scoring();
  for (const message of messages.values()) {
    const { messageId, causeIds, via } = message;
    const answer = why(graph, messageId);
    scoring.answer(messageId, answer === null ? null : chainSaid(answer.causes), chainOf(message, messages));
    if (answer === null) {
      scoring.unsaid(`${messageId} ${via} of ${causeIds.join(' ')}`);
      continue;
    }
    const { caused_by: cause } = answer;
    const isWhole = cause.missing === 0;
    const isRight =
      cause.via === via &&
      (isWhole ? isSame(cause.message_ids, causeIds) : cause.message_ids.every((id) => causeIds.includes(id)));
    const about = `${messageId}: said ${cause.via} of ${cause.message_ids.join(' ')} by ${cause.how}, was ${via} of ${causeIds.join(' ')}`;
    scoring.claim(cause.via === 'unknown' ? 'unknown' : cause.evidence, isRight, about);
  }
  return scoring;
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((id) => others.includes(id));
}

interface Link {
  readonly kind: string;
  readonly message_id: string;
  readonly items?: readonly string[] | undefined;
}

/** Root first; a batch stands for its messages. */
function chainSaid(causes: readonly Link[]): string[] {
  return causes.flatMap(({ kind, message_id, items }, index) => {
    if (kind === 'batch') return [[...(items ?? [])].sort().join('+')];
    // The item that the chain goes on with is named in the batch behind it.
    const isItem = causes[index + 1]?.kind === 'batch';
    return isItem ? [] : [message_id];
  });
}

function chainOf(message: TrueMessage, messages: ReadonlyMap<string, TrueMessage>): string[] {
  const chain: string[] = [message.messageId];
  const seen = new Set(chain);
  let next: TrueMessage | undefined = message;
  while (next !== undefined && next.causeIds.length > 0) {
    chain.push([...next.causeIds].sort().join('+'));
    const [first]: readonly string[] = next.causeIds;
    next = first === undefined || seen.has(first) ? undefined : messages.get(first);
    if (first !== undefined) seen.add(first);
  }
  return chain.reverse();
}
