import { blast } from '@waybill/ledger';
import type { TrueMessage } from 'waybill/testing';
import { type Score, Scoring } from './claim.ts';
import type { Workflow } from './workflow.ts';

/** What did this cause, what of it is pending, and whom did the same trouble hit? */
export function scoreBlast({ graph, messages, effects, truth }: Workflow): Score {
  const scoring = new Scoring();
  for (const { messageId } of messages.values()) {
    const answer = blast(graph, messageId);
    const really = effects.get(messageId) ?? new Set<string>();
    const hit = othersHit(messageId, truth.failures);
    const caused = answer?.caused ?? [];
    const alsoHit = (answer?.same_trouble ?? []).filter(({ trouble }) => trouble.kind === 'error');
    const named = new Set(alsoHit.flatMap(({ message_ids }) => message_ids));
    scoring.answer(
      messageId,
      { caused: sorted(caused.map(({ message_id, is_pending }) => `${message_id} ${is_pending}`)), hit: sorted(named) },
      {
        caused: sorted([...really].map((id) => `${id} ${isPending(messages.get(id))}`)),
        hit: sorted(hit),
      },
    );
    for (const { message_id, evidence, is_pending, pending_evidence } of caused) {
      scoring.claim(evidence, really.has(message_id), `${messageId} is said to have caused ${message_id}`);
      scoring.claim(
        pending_evidence,
        is_pending === isPending(messages.get(message_id)),
        `${message_id} is said to be ${is_pending ? 'pending' : 'over'}`,
      );
    }
    const said = new Set(caused.map(({ message_id }) => message_id));
    for (const id of really) if (!said.has(id)) scoring.unsaid(`${messageId} caused ${id}`);
    for (const id of named)
      scoring.claim('inferred', hit.has(id), `the trouble of ${messageId} is said to have hit ${id}`);
  }
  return scoring;
}

function othersHit(messageId: string, failures: Workflow['truth']['failures']): Set<string> {
  const shared = failures.filter(({ messageIds }) => messageIds.includes(messageId));
  const ids = new Set(shared.flatMap(({ messageIds }) => messageIds));
  ids.delete(messageId);
  return ids;
}

function isPending(message: TrueMessage | undefined): boolean {
  return (
    message?.places.some(({ state }) => state === 'waiting' || state === 'running' || state === 'overdue') ?? false
  );
}

function sorted(ids: Iterable<string>): string[] {
  return [...ids].sort();
}
