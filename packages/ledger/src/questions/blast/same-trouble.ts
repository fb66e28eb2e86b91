import type { Claim } from '../evidence.ts';
import { type Hit, type Trouble, troublesOf } from '../failures/troubles.ts';
import type { Graph } from '../graph/graph.ts';
import type { Message } from '../graph/message.ts';
import { isWholeGraph } from '../graph/reconstruct.ts';

/** Other messages that were hit by what hit this one: never caused by it, and always inferred. */
export interface SameTrouble extends Claim {
  readonly trouble: Omit<Trouble, 'hits'>;
  readonly message_ids: readonly string[];
  /** Every execution that it struck, those of the message itself among them. */
  readonly hits: readonly Hit[];
}

export function sameTrouble(graph: Graph, { messageId }: Message): readonly SameTrouble[] | null {
  if (!isWholeGraph(graph)) return null;
  return troublesOf(graph)
    .hitting(messageId)
    .flatMap(({ hits, ...trouble }): SameTrouble[] => {
      const others = hits.filter((hit) => hit.messageId !== messageId);
      const because_facts = hits.find((hit) => hit.messageId === messageId)?.because_facts ?? [];
      if (others.length === 0) return [];
      return [
        {
          trouble,
          message_ids: [...new Set(others.map((hit) => hit.messageId))],
          hits,
          evidence: 'inferred',
          because_facts,
        },
      ];
    });
}
