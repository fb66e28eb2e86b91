import { gaps } from '@waybill/ledger';
import { type Score, Scoring } from './claim.ts';
import type { Workflow } from './workflow.ts';

/** Where is context lost, why, and what led there all the same? */
export function scoreGaps({ graph, messages }: Workflow): Score {
  const scoring = new Scoring();
  const said = new Map(
    gaps(graph).edges.flatMap(({ to, lost }) => lost.map((each) => [each.message_id, { ...each, to }])),
  );
  for (const { messageId, lost, causeIds } of messages.values()) {
    const answer = said.get(messageId);
    said.delete(messageId);
    scoring.answer(
      messageId,
      answer ? [answer.reason, answer.to] : null,
      lost ? [lost.reason, lost.destination] : null,
    );
    if (answer === undefined) {
      if (lost !== null) scoring.unsaid(`${messageId} lost its context at ${lost.destination}`);
      continue;
    }
    const isThere = lost !== null && lost.destination === answer.to;
    scoring.claim(answer.evidence, isThere, `${messageId} is said to have lost its context at ${answer.to}`);
    const { reason, reason_evidence } = answer;
    scoring.claim(reason_evidence, lost?.reason === reason, `${messageId} is said to have lost it: ${reason}`);
    const { cause_message_id: cause, cause_evidence, linked_by } = answer;
    if (cause === null) scoring.claim('unknown', false, `the cause of ${messageId}`);
    else
      scoring.claim(
        cause_evidence,
        causeIds.includes(cause),
        `${messageId} is said to come of ${cause} by ${linked_by}`,
      );
    const { likely_reason, likely_evidence } = answer;
    const truly = lost?.how === 'carrier' ? 'lost' : 'not_instrumented';
    scoring.claim(
      likely_reason === null ? 'unknown' : likely_evidence,
      likely_reason === truly,
      `${messageId} is said to be ${likely_reason}, and was ${truly}`,
    );
  }
  for (const [messageId, { evidence }] of said) scoring.claim(evidence, false, `${messageId} was no message`);
  return scoring;
}
