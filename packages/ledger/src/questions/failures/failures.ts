import type { Stretch } from '../../store/store.ts';
import { type Claim, type Evidence, weaker } from '../evidence.ts';
import { isLossy } from '../graph/losses.ts';
import type { WholeGraph } from '../graph/reconstruct.ts';
import { rfc3339 } from '../instant.ts';
import { type Hit, type Trouble, troublesOf } from './troubles.ts';

export interface FailuresAnswer {
  /** The one with most executions first. */
  readonly groups: readonly FailureGroup[];
  /** Of all groups; a batch is one execution of several messages. */
  readonly executions: number;
  readonly messages: number;
  readonly messages_in_several: readonly string[];
  /** Facts are known to be missing: there may be more of each. */
  readonly is_at_least: boolean;
}

/** Executions that one trouble struck. The claim is that all of them were struck by it. */
export interface FailureGroup extends Claim {
  readonly kind: Trouble['kind'];
  readonly fingerprint: string | null;
  readonly instance: string | null;
  readonly title: string;
  readonly destination: string;
  readonly subscription: string | null;
  readonly execution_ids: readonly string[];
  /** When each of these was struck. */
  readonly execution_times: readonly string[];
  readonly message_ids: readonly string[];
  /** Those that died of it. */
  readonly dead_message_ids: readonly string[];
  readonly first_at: string;
  readonly last_at: string;
}

/** What fails, and of what? All of the facts' time, if no window is given. */
export function failures(graph: WholeGraph, window?: Pick<Stretch, 'since' | 'until'>): FailuresAnswer {
  const { all } = troublesOf(graph);
  const isWithin = ({ at }: Hit) => window === undefined || (at >= window.since && at < window.until);
  const struck = all.map((trouble) => ({ ...trouble, hits: trouble.hits.filter(isWithin) }));
  const groups = struck.filter(({ hits }) => hits.length > 0).map(groupOf);
  groups.sort((a, b) => b.execution_ids.length - a.execution_ids.length);
  const counts = new Map<string, number>();
  for (const { message_ids } of groups) for (const id of message_ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  const { losses } = graph.surroundings;
  return {
    groups,
    executions: new Set(groups.flatMap(({ execution_ids }) => execution_ids)).size,
    messages: counts.size,
    messages_in_several: [...counts].flatMap(([id, count]) => (count > 1 ? [id] : [])),
    is_at_least: losses !== null && isLossy(losses),
  };
}

function groupOf({ kind, fingerprint, instance, title, destination, subscription, hits }: Trouble): FailureGroup {
  const dead = hits.filter(({ isDead }) => isDead);
  const times = hits.map(({ at }) => at);
  const byExecution = new Map(hits.map(({ executionId, at }) => [executionId, at]));
  const [first, last] = times.reduce(
    ([low, high], at) => [Math.min(low, at), Math.max(high, at)],
    [times[0] ?? 0, times[0] ?? 0],
  );
  return {
    ...{ kind, fingerprint, instance, title, destination, subscription },
    execution_ids: [...byExecution.keys()],
    execution_times: [...byExecution.values()].map(rfc3339),
    message_ids: [...new Set(hits.map(({ messageId }) => messageId))],
    dead_message_ids: [...new Set(dead.map(({ messageId }) => messageId))],
    first_at: rfc3339(first),
    last_at: rfc3339(last),
    evidence: hits.reduce<Evidence>((sure, hit) => weaker(sure, hit.evidence), 'observed'),
    because_facts: hits.flatMap(({ because_facts }) => because_facts),
  };
}
