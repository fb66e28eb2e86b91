import { readFileSync } from 'node:fs';
import type { MessageFact } from 'waybill';
import type { Destination } from '../src/questions/graph/destinations.ts';

/** The document as it lies in `demo/workflow.json`; people read it, so its times are RFC 3339 and bindings are objects. */
export const WORKFLOW: {
  readonly captured_at: string;
  readonly correlation_id: string;
  readonly selected_message_id: string;
  readonly display_order: readonly string[];
  readonly facts: readonly Record<string, unknown>[];
  readonly destinations: readonly Destination[];
  readonly inferences: readonly {
    readonly kind: string;
    readonly message_id: string;
    readonly evidence: string;
    readonly because_facts: readonly string[];
    readonly cause_message_id?: string;
    readonly execution_id?: string;
  }[];
} = JSON.parse(readFileSync(new URL('../demo/workflow.json', import.meta.url), 'utf8'));

/** When the document was made, in Unix ms: "now" for every question about it. */
export const capturedAt = Date.parse(WORKFLOW.captured_at);

const TIMES = [
  'at',
  'created_at',
  'not_before',
  'due_at',
  'enqueued_at',
  'received_at',
  'lease_until',
  'ended_at',
  'retry_at',
];

/** The 29 facts of one checkout, as recorders send them: times in Unix ms, bindings as JSON text. */
export function workflowFacts(): MessageFact[] {
  const counts = new Map<unknown, number>();
  return WORKFLOW.facts.map((written) => {
    // The document leaves `seq` out; counted from 1 in each instance it says that nothing was lost.
    const seq = (counts.get(written['instance']) ?? 0) + 1;
    counts.set(written['instance'], seq);
    const fact: Record<string, unknown> = { ...written, seq, operation: written['operation'] ?? null };
    for (const name of TIMES) if (name in fact) fact[name] = Date.parse(String(fact[name]));
    if ('bindings' in fact) fact['bindings'] = JSON.stringify(fact['bindings']);
    // Sound because the document has the shape of facts.ts but for the fields that were turned above.
    return fact as unknown as MessageFact;
  });
}

/** What is known of its destinations beside the facts: deadlines, probes, and who records nothing. */
export function destinations(): readonly Destination[] {
  return WORKFLOW.destinations;
}

/** The fact whose id ends so. */
export function factEnding(ending: string): MessageFact {
  const fact = workflowFacts().find(({ fact_id }) => fact_id.endsWith(ending));
  if (fact === undefined) throw new Error(`workflow.json has no fact whose id ends in ${ending}`);
  return fact;
}
