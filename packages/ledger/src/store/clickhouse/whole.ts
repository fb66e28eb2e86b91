import type { Connection } from './connection.ts';
import { type ArrivedFact, CELLS, factOf } from './fact-rows.ts';
import type { Hand } from './hand.ts';

/** A workflow of so many facts is fetched whole, because most of what is asked after a message is in its own. */
const wholeFactsMax = 5_000;
/** Of more workflows than this at once only what was asked for is fetched. */
export const wholeWorkflowsMax = 8;

/** All facts of these workflows, where they are few and small. */
export async function fetchWhole(
  hand: Hand,
  rows: Connection['rows'],
  correlationIds: readonly string[],
): Promise<void> {
  const lacking = correlationIds.filter((id) => !hand.whole.has(id) && !hand.large.has(id));
  if (lacking.length === 0 || lacking.length > wholeWorkflowsMax) return;
  keepWhole(hand, lacking, (await rows(WHOLE, { workflows: lacking, limit: wholeFactsMax + 1 })).map(factOf));
}

/** One more of both than is kept: so it is seen where there are more. */
export const fewLimits = { workflows_max: wholeWorkflowsMax + 1, limit: wholeFactsMax + 1 };

/** Of what was fetched by `fewLimits`: whether it is all that there is. */
export function keepFew(hand: Hand, found: readonly ArrivedFact[]): boolean {
  const workflows = new Set(found.map(({ fact }) => fact.correlation_id));
  if (workflows.size > wholeWorkflowsMax) return false;
  keepWhole(hand, [...workflows], found);
  return hand.large.size === 0;
}

/** Of each workflow all that was found, unless that is too much. */
function keepWhole(hand: Hand, workflows: readonly string[], found: readonly ArrivedFact[]): void {
  const counts = new Map<string, number>();
  for (const { fact } of found) counts.set(fact.correlation_id, (counts.get(fact.correlation_id) ?? 0) + 1);
  for (const id of workflows) ((counts.get(id) ?? 0) > wholeFactsMax ? hand.large : hand.whole).add(id);
  hand.add(found.filter(({ fact }) => hand.whole.has(fact.correlation_id)));
}

const WHOLE = `-- What happened in these workflows? Of a large one only that it is large.
SELECT ${CELLS} FROM facts WHERE correlation_id IN {workflows:Array(String)} LIMIT {limit:UInt32} BY correlation_id`;
