import type { FactReader } from '../../store/store.ts';
import { messagesMax } from '../asked.ts';
import type { Graph } from '../graph/graph.ts';
import type { Message } from '../graph/message.ts';
import { type Story, storyOf } from '../trace/story.ts';
import type { Cursor } from './cursor.ts';
import type { Found, Listing } from './listing.ts';
import { type WorkflowFound, workflowFound } from './workflow-row.ts';

/** What a workflow has to have. */
export interface Sought {
  /** The messages that each word names: one of each. */
  readonly named: readonly ReadonlySet<string>[];
  /** A message that is all of what else is asked for. */
  isWhat(message: Message): boolean;
}

interface Asked {
  readonly sought: Sought;
  readonly listing: Listing;
  readonly candidates: readonly Message[];
  readonly after: Cursor | null;
  readonly limit: number;
}

interface Page {
  readonly found: readonly WorkflowFound[];
  readonly facts: number;
  /** Workflows of these candidates that come after it. */
  readonly notShown: number;
  /** A workflow is larger than what was read of it. */
  readonly isAtLeast: boolean;
  /** The last that was looked at. */
  readonly last: Cursor | null;
}

/** So many messages are folded for the rows of one page: where more would be, the page is shorter. */
const foldedMax = 2_000;

/** The next workflows among the candidates, each with all of its messages. */
export function pageOf(reader: FactReader, graph: Graph, { sought, listing, candidates, after, limit }: Asked): Page {
  const found: WorkflowFound[] = [];
  // Several workflows may be one story: it stands where the first of them does.
  const told = new Set<string>();
  let [facts, folded, notShown, isAtLeast] = [0, 0, 0, false];
  let last: Cursor | null = null;
  for (const each of waiting(candidates, sought, listing, after)) {
    if (told.has(each.correlationId)) continue;
    if (after !== null && folded < foldedMax) {
      const all = messagesIn(reader, graph, each.correlationId);
      folded += all.length;
      // What stands here has another message that stood on a page before.
      if (waiting(all, sought, listing, null).some((other) => listing.isReached(other, after))) continue;
    }
    if (found.length >= limit || folded >= foldedMax) {
      notShown++;
      continue;
    }
    const story = storyOf(reader, graph, each.messages[0], { asOf: graph.asOf, isOfKey: false, messagesMax });
    for (const { correlationId } of story.messages.values()) told.add(correlationId);
    folded += story.messages.size;
    last = { at: each.at, id: each.correlationId };
    const workflow = isAsked(story, sought) ? workflowFound(story) : null;
    if (workflow === null) continue;
    found.push(workflow);
    facts += story.facts;
    isAtLeast ||= story.isAtLeast;
  }
  return { found, facts, notShown, isAtLeast, last };
}

function messagesIn(reader: FactReader, graph: Graph, correlationId: string): Message[] {
  return reader.messagesOf(correlationId, messagesMax).flatMap((id) => graph.message(id) ?? []);
}

function waiting(
  messages: readonly Message[],
  { named: [list], isWhat }: Sought,
  listing: Listing,
  after: Cursor | null,
): readonly Found[] {
  // What a word names stands for its whole workflow, of which another message may be the rest.
  const matching = messages.filter((message) => (list ? list.has(message.messageId) : isWhat(message)));
  return listing.of(matching).filter((each) => after === null || !listing.isReached(each, after));
}

/** Whether it has all that is asked for. */
function isAsked({ messages }: Story, { named, isWhat }: Sought): boolean {
  const all = [...messages.values()];
  return all.some(isWhat) && named.every((ids) => all.some(({ messageId }) => ids.has(messageId)));
}
