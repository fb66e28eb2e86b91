import { enter } from './entering.ts';
import type { Shape } from './shape.ts';
import { checkout } from './shapes/checkout.ts';
import { command } from './shapes/command.ts';
import { fanIn } from './shapes/fan-in.ts';
import { fanOut } from './shapes/fan-out.ts';
import { addedChildren, flow } from './shapes/flow.ts';
import { httpCall } from './shapes/http-call.ts';
import { logReading } from './shapes/log-reading.ts';
import { outbox } from './shapes/outbox.ts';
import { ownWorkflow } from './shapes/own-workflow.ts';
import { pipeline } from './shapes/pipeline.ts';
import { poison } from './shapes/poison.ts';
import { reminder } from './shapes/reminder.ts';
import { requestReply } from './shapes/request-reply.ts';
import { saga } from './shapes/saga.ts';
import { sentTwice } from './shapes/sent-twice.ts';
import { withdrawn } from './shapes/withdrawn.ts';
import { tick, tickByTemplate } from './ticking.ts';
import type { More } from './work.ts';
import type { World } from './world.ts';

const SHAPES: Readonly<Record<string, { readonly shape: Shape; readonly weight: number }>> = {
  command: { shape: command, weight: 6 },
  checkout: { shape: checkout, weight: 5 },
  fanOut: { shape: fanOut, weight: 4 },
  fanIn: { shape: fanIn, weight: 4 },
  requestReply: { shape: requestReply, weight: 3 },
  reminder: { shape: reminder, weight: 3 },
  saga: { shape: saga, weight: 2 },
  flow: { shape: flow, weight: 2 },
  addedChildren: { shape: addedChildren, weight: 2 },
  pipeline: { shape: pipeline, weight: 2 },
  outbox: { shape: outbox, weight: 3 },
  httpCall: { shape: httpCall, weight: 2 },
  ownWorkflow: { shape: ownWorkflow, weight: 1 },
  logReading: { shape: logReading, weight: 2 },
  withdrawn: { shape: withdrawn, weight: 2 },
  sentTwice: { shape: sentTwice, weight: 1 },
  poison: { shape: poison, weight: 2 },
};
const WEIGHTS = Object.fromEntries(Object.entries(SHAPES).map(([name, { weight }]) => [name, weight]));

const DEPTH_MAX = 5;

/** What follows from a message: nothing, once the story is long enough. */
function moreOf(world: World, depth: number): More {
  return () => {
    if (world.budget <= 0 || depth >= DEPTH_MAX) return [];
    const count = world.story.weigh({ 0: 5, 1: 4, 2: 2 });
    return Array.from({ length: Number(count) }, () => anAct(world, depth));
  };
}

function anAct(world: World, depth: number) {
  const { shape } = SHAPES[world.story.weigh(WEIGHTS)] ?? { shape: command };
  return shape(world, moreOf(world, depth + 1));
}

/** One workflow, or a few that belong together, from its first request until nothing more happens. */
export function tell(world: World): void {
  const { story, timeline } = world;
  world.budget = story.between(12, 30);
  for (let count = story.between(1, 3); count > 0; count--) {
    timeline.after(story.between(0, 1_500), () => begin(world));
  }
  timeline.run();
  for (let rounds = 0; world.budget > 0 && rounds < 20; rounds++) {
    timeline.after(story.between(1_000, 20_000), () => begin(world));
    timeline.run();
  }
}

function begin(world: World): void {
  const { story } = world;
  const more = moreOf(world, 0);
  const acts = () => Array.from({ length: story.between(1, 2) }, () => anAct(world, 0));
  const course = story.weigh({ request: 80, tick: 12, template: 8 });
  world.budget--;
  if (course === 'request') enter(world, 'shop-api', 'checkout', acts());
  if (course === 'tick') tick(world, 'nightly-report', acts);
  if (course === 'template') {
    const cleanups = world.destination('cleanups', { on: 'delayed', hasDeadline: false });
    tickByTemplate(world, 'cleanup', { to: cleanups, eventType: 'cleanup.run', work: () => more }, story.between(1, 3));
  }
}
