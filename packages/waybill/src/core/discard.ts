import type { Envelope } from './envelope.ts';
import type { DiscardedFact } from './facts.ts';
import type { Kernel } from './kernel.ts';
import { type Place, rareFact } from './rare-fact.ts';

/** A message that will never run, and who or what said so. Without a subscription: nobody who takes it will run it. */
export interface Discarded extends Place {
  readonly envelope: Envelope;
  /** `superseded`: another message stands in its place. `rolled_back`: with the transaction that made it. */
  readonly how: DiscardedFact['how'];
  readonly actor?: string | undefined;
}

/** Records that a message was discarded: else it would look as if it were still waiting. */
export function discard(kernel: Kernel, { envelope, how, actor, ...place }: Discarded): void {
  if (!kernel.isRecording) return;
  kernel.record({ kind: 'discarded', ...rareFact(kernel, envelope, place, kernel.now()), how, actor });
}
