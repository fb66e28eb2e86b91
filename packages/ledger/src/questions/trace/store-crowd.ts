import type { CountedMessage, FactReader, ShapeGroup } from '../../store/store.ts';
import type { Graph } from '../graph/graph.ts';
import { skewMsMax } from '../graph/skew.ts';
import type { State } from '../graph/state.ts';
import { byDue, type Crowd, type Group, keyOf, largestFirst } from './crowd.ts';

/** So many that are not plainly over are folded to see how they stand: about a tenth of a second. */
const openMax = 1_000;
const deadMax = 20;
/** A workflow may feed itself, and then it has no end: of what there is so many messages are counted. */
export const countedMax = 1_000_000;

/** Workflows that are too large to be read: counted by the store, and read only where a message is not plainly over. */
export function storeCrowd(reader: FactReader, graph: Graph, workflows: readonly string[]): Crowd {
  const { asOf } = graph;
  const open = workflows.flatMap((id) => reader.standing(id, 'open', asOf, openMax)).slice(0, openMax);
  const folded = open.flatMap(({ messageId }) => graph.message(messageId) ?? []);
  const isNow = (state: State) => folded.filter(({ subscriptions: [at] }) => at.state === state);
  const dead = workflows.flatMap((id) => reader.standing(id, 'dead', asOf, deadMax).map(({ messageId }) => messageId));
  const shapes = workflows.flatMap((id) => reader.shapeOf(id, asOf, countedMax));
  // A row tells how its message stands now: what was recorded since then may be of these.
  const isPast = (reader.extent().until ?? asOf) > asOf + skewMsMax;
  return {
    messages: null,
    message: (id) => graph.message(id),
    overdue: byDue(isNow('overdue')),
    dead: [...dead, ...isNow('dead').map(({ messageId }) => messageId)],
    groups(without) {
      const groups = new Map<string, Counting>();
      for (const shape of shapes) addShape(groups, shape);
      for (const counted of workflows.flatMap((id) => reader.countedIn(id, [...without])))
        takeOut(groups.get(keyOf(counted)), counted);
      for (const place of open) {
        const state = without.has(place.messageId) ? undefined : graph.message(place.messageId)?.subscriptions[0].state;
        const group = groups.get(keyOf(place));
        if (group && state !== undefined) group.states.set(state, (group.states.get(state) ?? 0) + 1);
      }
      const rest = [...groups.values()].filter(({ messages }) => messages > 0);
      return rest.map((group) => groupOf(group, isPast)).sort(largestFirst);
    },
  };
}

interface Counting extends Omit<Group, 'states'> {
  messages: number;
  executions: number;
  gaps: number;
  causeId: string | null;
  readonly states: Map<State, number>;
}

function addShape(groups: Map<string, Counting>, { done, dead, discarded, firstId, ...shape }: ShapeGroup): void {
  const known = groups.get(keyOf(shape));
  const group = known ?? { ...shape, ...NOTHING, states: new Map<State, number>(), examples: [firstId] };
  groups.set(keyOf(shape), group);
  if (group.causeId !== shape.causeId) group.causeId = null;
  group.messages += shape.messages;
  group.executions += shape.executions;
  group.gaps += shape.gaps;
  for (const [state, count] of Object.entries({ done, dead, discarded }) as [State, number][]) // sound: their names
    if (count > 0) group.states.set(state, (group.states.get(state) ?? 0) + count);
}

const NOTHING = { messages: 0, executions: 0, gaps: 0 } as const;

function takeOut(group: Counting | undefined, { standing, executions, hasGap }: CountedMessage): void {
  if (group === undefined) return;
  group.messages--;
  group.executions -= executions;
  if (hasGap) group.gaps--;
  if (standing !== null) group.states.set(standing, (group.states.get(standing) ?? 0) - 1);
}

function groupOf({ states, ...group }: Counting, isPast: boolean): Group {
  const known = [...states].filter(([, count]) => count > 0);
  const open = group.messages - known.reduce((sum, [, count]) => sum + count, 0);
  const all = open > 0 ? [...known, ['open', open] as const] : known;
  return { ...group, states: isPast ? {} : Object.fromEntries(all) };
}
