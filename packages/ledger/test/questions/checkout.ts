import { lossesOf } from '../../src/questions/graph/losses.ts';
import { reconstruct, type WholeGraph } from '../../src/questions/graph/reconstruct.ts';
import { capturedAt, destinations, workflowFacts } from '../workflow.ts';

/** The checkout of workflow.json, with all that is known of its destinations. */
export function checkout(): WholeGraph {
  const facts = workflowFacts();
  return reconstruct(facts, { asOf: capturedAt, destinations: destinations(), losses: lossesOf(facts) });
}

/** The message whose id ends so. */
export function messageEnding(ending: string): string {
  const fact = workflowFacts().find(({ message_id }) => message_id.endsWith(ending));
  if (fact === undefined) throw new Error(`workflow.json has no message whose id ends in ${ending}`);
  return fact.message_id;
}
