import { arrive } from './arrival.ts';
import { placeOf } from './chronicle.ts';
import { handleEntry } from './entering.ts';
import { planFate } from './fate.ts';
import type { PlannedSend } from './planned-send.ts';
import { writeWire } from './wire.ts';
import type { More } from './work.ts';
import type { World } from './world.ts';

const MINUTE_MS = 60_000;

/** A schedule that two schedulers fire, because neither knows of the other: one message, which the second lets be. */
export function tick(world: World, schedule: string, more: More): void {
  const { story, timeline, chronicle, index } = world;
  const due = {
    id: `${schedule}-${index}-${world.nextPosition()}`,
    dueAt: Math.floor(timeline.now / MINUTE_MS) * MINUTE_MS,
  };
  const [first, second] = world.hostsOf('scheduler');
  const edge = { operation: schedule, system: 'cron', destination: schedule, schedule: due };
  world.declareIngress(schedule, 'cron');
  const execution = first.waybill.ingress(edge);
  const message = chronicle.add({ id: execution.context.messageId });
  const endings = { ok: 95, dead: 5 };
  handleEntry(world, { host: first, execution, message, destination: schedule, endings }, more());
  if (story.chance(0.4)) return;
  timeline.after(story.between(2, 900), () => {
    const again = second.waybill.ingress(edge);
    const place = placeOf(message, schedule, schedule);
    const { executionId } = again.context;
    place.starts(second.now(), executionId, 'duplicate');
    chronicle.note('duplicate');
    timeline.after(story.between(1, 5), () => {
      again.ended();
      again.settle({ outcome: 'skipped', by: 'lock' });
      place.settles(second.now(), executionId, 'skipped');
    });
  });
}

/** A scheduler inside the broker: its stored template comes again at each due time, and each tick is a root. */
export function tickByTemplate(world: World, schedule: string, plan: PlannedSend, count: number): void {
  const { story, timeline, chronicle, index } = world;
  const { to, eventType } = plan;
  const id = `${schedule}-${index}-${world.nextPosition()}`;
  const [host] = world.hostsOf('scheduler');
  const asked = { system: to.transport.system, destination: to.name, eventType, operation: schedule, scheduleId: id };
  const template = host.waybill.prepare(asked);
  template.settle({ status: 'taken' });
  const wire = writeWire(template.envelope, to.transport.layout);
  const firstDueAt = (Math.floor(timeline.now / MINUTE_MS) + 1) * MINUTE_MS;
  for (let turn = 0; turn < count; turn++) {
    const dueAt = firstDueAt + turn * MINUTE_MS;
    timeline.after(dueAt - timeline.now, () => {
      world.budget--;
      const message = chronicle.add({});
      const label = { eventType, tenantId: null, businessKey: null };
      const fates = [planFate(story, to, to.subscriptions[0], 'sound')];
      const schedule = { id, dueAt };
      arrive(world, { message, plan, fates, wire, brokerId: to.nextBrokerId(), label, begin: null, schedule });
    });
  }
}
