import type { Claim } from '../evidence.ts';
import { type Trouble, troublesOf } from '../failures/troubles.ts';
import type { Graph } from '../graph/graph.ts';
import type { Message } from '../graph/message.ts';
import { isWholeGraph } from '../graph/reconstruct.ts';

/** Other messages that were hit by what hit this one: never caused by it, and always inferred. */
export interface SameTrouble extends Claim {
  readonly trouble: {
    readonly kind: Trouble['kind'];
    readonly destination: string;
    readonly subscription: string | null;
    readonly fingerprint: string | null;
    readonly instance: string | null;
    readonly title: string;
  };
  readonly message_ids: readonly string[];
}

export function sameTrouble(graph: Graph, { messageId }: Message): readonly SameTrouble[] | null {
  if (!isWholeGraph(graph)) return null;
  return troublesOf(graph)
    .hitting(messageId)
    .flatMap(({ kind, destination, subscription, fingerprint, instance, title, hits }): SameTrouble[] => {
      const others = hits.filter((hit) => hit.messageId !== messageId);
      const because_facts = hits.find((hit) => hit.messageId === messageId)?.because_facts ?? [];
      if (others.length === 0) return [];
      return [
        {
          trouble: { kind, destination, subscription, fingerprint, instance, title },
          message_ids: [...new Set(others.map((hit) => hit.messageId))],
          evidence: 'inferred',
          because_facts,
        },
      ];
    });
}
