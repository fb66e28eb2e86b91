import type { Fact, MessageFact } from '../../../src/core/facts.ts';
import { type Simulation, simulate } from '../../../src/testing/simulator/simulate.ts';
import type { TrueMessage, TruePlace } from '../../../src/testing/simulator/truth.ts';
import type { Faults } from '../../../src/testing/simulator/world.ts';

/** All that goes wrong at once, as hard as the ledger is held to it. */
export const HARD: Faults = { lostFacts: 0.05, lostContext: 0.1, skewMs: 5_000 };

export interface Workflow extends Simulation {
  readonly index: number;
}

const made = new Map<string, Workflow[]>();

/** Workflows of seed 1, made once for all tests of a file. */
export function workflows(count: number, faults?: Faults): readonly Workflow[] {
  const key = JSON.stringify(faults ?? {});
  const known = made.get(key) ?? [];
  made.set(key, known);
  for (let index = known.length; index < count; index++) known.push({ index, ...simulate({ seed: 1, index, faults }) });
  return known.slice(0, count);
}

export interface Placed {
  readonly where: string;
  readonly workflow: Workflow;
  readonly message: TrueMessage;
  readonly place: TruePlace;
}

/** Every place of every message, with the words to find it again. */
export function* places(count: number, faults?: Faults): Generator<Placed> {
  for (const workflow of workflows(count, faults)) {
    for (const message of workflow.truth.messages) {
      for (const place of message.places) {
        const where = `workflow ${workflow.index}, ${message.messageId} at ${place.destination}/${place.subscription}`;
        yield { where, workflow, message, place };
      }
    }
  }
}

/** The facts of messages; a batch of several tenants has a gap of its own, and is no message. */
export function messageFacts(facts: readonly Fact[]): MessageFact[] {
  return facts
    .filter((fact): fact is MessageFact => fact.kind !== 'dropped')
    .filter((fact) => !fact.message_id.startsWith('bat_'));
}
