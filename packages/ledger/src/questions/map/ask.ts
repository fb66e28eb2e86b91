import type { FactReader } from '../../store/store.ts';
import { type Asked, searchedOf } from '../asked.ts';
import type { MapData } from './answer.ts';
import { deadLettersOf } from './dead-letters.ts';
import { edgesOf } from './edges.ts';
import { mappedGraph } from './mapped.ts';
import { mapSample } from './sample.ts';
import { subscriptionsOf } from './subscriptions.ts';

/** What talks to what? Drawn of messages that were sent in this time, or failed in it. */
export function ask(reader: FactReader, asked: Asked): MapData {
  const sample = mapSample(reader, asked);
  const mapped = mappedGraph(reader, sample, asked);
  const edges = edgesOf(mapped);
  return {
    searched: searchedOf(reader, asked),
    edges: edges.slice(0, asked.limit),
    not_shown: Math.max(0, edges.length - asked.limit),
    subscriptions: subscriptionsOf(mapped),
    dead_letters: deadLettersOf(mapped),
    is_at_least: sample.isAtLeast,
  };
}
