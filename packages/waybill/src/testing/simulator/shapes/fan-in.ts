import { type BatchConsumer, createBatchConsumer } from '../batch-consumer.ts';
import { send, sendAll } from '../sending.ts';
import type { Shape } from '../shape.ts';
import type { More } from '../work.ts';
import type { World } from '../world.ts';

/** One consumer for all of a workflow: what comes at about the same time is one batch, whoever sent it. */
const consumers = new WeakMap<World, BatchConsumer>();

/** Documents are sent one by one, and indexed together. */
export const fanIn: Shape = (world, more) => {
  const index = world.destination('search.index', { on: 'batch', hasDeadline: false });
  const consumer = consumers.get(world) ?? createBatchConsumer(world, reportOf(world, more), logOf(world));
  consumers.set(world, consumer);
  return (handling) => {
    const plan = { to: index, eventType: 'document.changed', temper: 'steady', take: consumer.take } as const;
    const count = world.story.between(1, 4);
    if (count === 1) send(handling, plan);
    else
      sendAll(
        handling,
        Array.from({ length: count }, () => plan),
      );
  };
};

function reportOf(world: World, more: More): More {
  const reports = world.destination('reports');
  return () => [(handling) => send(handling, { to: reports, eventType: 'index.refreshed', work: () => more })];
}

/** Now and then one document of a batch has something of its own to say. */
function logOf(world: World): More {
  const changes = world.destination('changes');
  return () =>
    world.story.chance(0.3) ? [(handling) => send(handling, { to: changes, eventType: 'document.indexed' })] : [];
}
