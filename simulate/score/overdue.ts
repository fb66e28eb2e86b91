import { overdue } from '@waybill/ledger';
import { type Score, Scoring } from './claim.ts';
import { placeKey, type Workflow } from './workflow.ts';

/** What was sent and never started, or started and never settled? */
export function scoreOverdue({ graph, messages }: Workflow): Score {
  const scoring = new Scoring();
  const answer = overdue(graph);
  const keyOf = (item: (typeof answer.overdue)[number]) => `${item.message_id} at ${placeKey(item)}`;
  const said = new Map(answer.overdue.map((item) => [keyOf(item), item]));
  const open = new Set(answer.unknown.map(keyOf));
  for (const { messageId, places } of messages.values()) {
    for (const place of places) {
      const key = `${messageId} at ${placeKey(place)}`;
      const item = said.get(key);
      said.delete(key);
      const truly = place.overdue && [place.overdue.kind, place.overdue.dueAt];
      scoring.answer(key, item ? [item.kind, Date.parse(item.due_at)] : null, truly);
      if (item !== undefined) {
        scoring.claim(
          item.evidence,
          item.kind === place.overdue?.kind,
          `${key} is said to be ${item.kind}: ${item.due_from}`,
        );
      } else if (open.has(key) || truly !== null) scoring.unsaid(`${key} ${truly}`);
    }
  }
  for (const [key, { evidence }] of said) {
    scoring.answer(key, 'overdue', null);
    scoring.claim(evidence, false, `${key} was never there`);
  }
  return scoring;
}
