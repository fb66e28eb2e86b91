import type { Message } from '../graph/message.ts';
import type { Crowd } from './crowd.ts';

/** Messages at most that are told one by one; what remains of the rows is for those that are counted. */
const keptMax = 380;
const ancestorsMax = 300;
/** Of what is told for another reason, as many causes as show where it belongs. */
const causesMax = 20;
const failuresMax = 20;
const groupsMax = 50;

/**
 * Which messages of a crowd are told one by one: what was asked for with its causes, what is overdue, the first that
 * died, and some of each group.
 */
export function keptOf(crowd: Crowd, messageId: string): ReadonlyMap<string, Message> {
  const kept = new Map<string, Message>();
  const keep = (id: string, steps: number) => {
    for (const message of chainOf(crowd, id, steps)) {
      if (kept.size >= keptMax || kept.has(message.messageId)) return;
      kept.set(message.messageId, message);
    }
  };
  keep(messageId, ancestorsMax);
  for (const id of crowd.dead.slice(0, failuresMax)) keep(id, causesMax);
  for (const id of crowd.overdue) keep(id, causesMax);
  for (const { examples } of crowd.groups(new Set()).slice(0, groupsMax))
    for (const id of examples) keep(id, causesMax);
  return kept;
}

/** The message and its causes, nearest first. */
function* chainOf(crowd: Crowd, messageId: string, steps: number): Generator<Message> {
  const seen = new Set<string>();
  let id: string | undefined = messageId;
  while (id !== undefined && seen.size < steps && !seen.has(id)) {
    seen.add(id);
    const message = crowd.message(id);
    if (message === undefined) return;
    yield message;
    id = message.cause.messageIds[0];
  }
}
