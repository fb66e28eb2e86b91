import { planTurn } from '../fate.ts';
import { createGate } from '../gate.ts';
import { receive } from '../receiving.ts';
import { type Dispatch, send } from '../sending.ts';
import type { Shape } from '../shape.ts';
import type { Handling } from '../work.ts';

/** A parent that is created together with its children, and waits for them. */
export const flow: Shape = (world, more) => {
  const children = world.destination('render.pages', { on: 'flow', hasDeadline: false });
  const parents = world.destination('render.book', { on: 'flow', hasDeadline: false });
  return (handling) => {
    const { story } = world;
    const count = story.between(2, 4);
    const gate = createGate(count);
    const isStuck = story.chance(0.1);
    let id: string | undefined;
    const awaits: string[] = [];
    for (let page = 0; page < count; page++) {
      const fate = { turns: [planTurn(story, 'hang')], aftermath: 'nothing' } as const;
      const child: Dispatch = send(handling, {
        to: children,
        eventType: 'page.render',
        isTight: true,
        temper: 'sound',
        ...(isStuck && page === 0 ? { fate } : {}),
        send: { flow: { id, role: 'child' } },
        whenOver: (host) => gate.ended(child.message, host),
      });
      id = child.envelope.relations?.flow?.id;
      awaits.push(child.envelope.messageId);
    }
    send(handling, {
      to: parents,
      eventType: 'book.bind',
      isTight: true,
      temper: 'sound',
      send: { flow: { id, role: 'parent', awaits } },
      wait: gate.wait,
      work: () => more,
      take: (copy, afterMs) => {
        if (copy.deliveries > 0) receive(world, copy, afterMs);
        else
          gate.hold((releasedBy) => {
            copy.releasedBy = releasedBy;
            receive(world, copy, afterMs);
          });
      },
    });
  };
};

/** A running parent adds children, hands itself back, and starts again when they have ended. */
export const addedChildren: Shape = (world, more) => {
  const parents = world.destination('video.encode', { on: 'flow', hasDeadline: false });
  const children = world.destination('video.chunks', { on: 'flow', hasDeadline: false });
  return (handling) => {
    const { story } = world;
    const count = story.between(1, 3);
    const gate = createGate(count);
    const addChild = (parent: Handling) => {
      const child: Dispatch = send(parent, {
        to: children,
        eventType: 'chunk.encode',
        isTight: true,
        temper: 'sound',
        restMs: 500, // its parent has handed itself back by then
        send: { child: 'awaited' },
        whenOver: (host) => gate.ended(child.message, host),
      });
    };
    const addChildren = () => Array.from({ length: count }, () => addChild);
    const released = planTurn(story, 'released', { runMs: 5, work: addChildren, gate: () => gate });
    send(handling, {
      to: parents,
      eventType: 'video.encode',
      fate: { turns: [released, planTurn(story, 'ok')], aftermath: 'nothing' },
      work: () => () => [
        ...more(),
        (parent) => send(parent, { to: children, eventType: 'thumbnail.make', send: { child: 'detached' } }),
      ],
    });
  };
};
