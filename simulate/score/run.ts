import { run } from '@waybill/ledger';
import { type Score, Scoring } from './claim.ts';
import { placeKey, type Workflow } from './workflow.ts';

/** What is this run: the first, a retry, a redelivery, a duplicate, a replay? */
export function scoreRun({ graph, messages }: Workflow): Score {
  const scoring = new Scoring();
  for (const { messageId, places } of messages.values()) {
    for (const place of places) {
      for (const { executionId, is, outcome } of place.executions) {
        const about = `${executionId} of ${messageId} at ${placeKey(place)}`;
        const items = run(graph, executionId)?.items ?? [];
        const item = items.find((each) => each.message_id === messageId && placeKey(each) === placeKey(place));
        scoring.answer(about, item && [item.is, item.outcome], [is, outcome]);
        if (item === undefined) {
          scoring.unsaid(about);
          continue;
        }
        const isKnown = item.is !== 'unknown';
        scoring.claim(isKnown ? item.evidence : 'unknown', item.is === is, `${about}: said ${item.is}, was ${is}`);
        scoring.claim(
          item.outcome_evidence,
          item.outcome === outcome,
          `${about}: said it ended ${item.outcome}, it was ${outcome}`,
        );
      }
    }
  }
  return scoring;
}
