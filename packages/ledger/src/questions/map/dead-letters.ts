import type { MessageAtSubscription } from '../graph/message.ts';
import { groupBy } from '../grouping.ts';
import type { DeadLetters } from './answer.ts';
import { deadLetterOf, isAtIngress, type MappedGraph } from './mapped.ts';

/** What died where, and where it was put; most messages first. */
export function deadLettersOf({ graph, messages }: MappedGraph): DeadLetters[] {
  const dead = [...messages.values()]
    .filter((each) => !isAtIngress(each))
    .flatMap(({ message, own, places }) =>
      [...new Set(places.filter(isDead).map(({ destination }) => destination))].map((from) => ({
        ...{ from, to: deadLetterOf(from, own, graph) },
        isReplayed: message.replays.length > 0,
      })),
    );
  return [...groupBy(dead, ({ from, to }) => JSON.stringify([from, to])).values()]
    .map((own) => {
      const [{ from, to }] = own;
      return { from, to, messages: own.length, replayed: own.filter(({ isReplayed }) => isReplayed).length };
    })
    .sort((a, b) => b.messages - a.messages || (a.from < b.from ? -1 : 1));
}

/** It died there, whatever became of it since. */
function isDead({ state, executions }: MessageAtSubscription): boolean {
  return state === 'dead' || executions.some(({ outcome }) => outcome === 'dead');
}
