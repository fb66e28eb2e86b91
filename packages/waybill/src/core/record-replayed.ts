import type { Envelope } from './envelope.ts';
import type { Kernel } from './kernel.ts';
import { rareFact } from './rare-fact.ts';
import type { Replay, Send } from './send.ts';

/** An operator redrove a message: recorded of the original, whoever it was sent for. */
export function recordReplayed(
  kernel: Kernel,
  send: Send,
  { of, actor, reason, planId }: Replay,
  sent: Envelope,
): void {
  if (!kernel.isRecording) return;
  const { system, destination } = send;
  kernel.record({
    kind: 'replayed',
    ...rareFact(kernel, of, { system, destination }, kernel.now()),
    ...{ actor, reason, plan_id: planId },
    new_message_id: sent.messageId === of.messageId ? undefined : sent.messageId,
  });
}
