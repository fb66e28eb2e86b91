import { type Envelope, isEnvelope } from '../../core/envelope.ts';
import { placeOf } from './chronicle.ts';
import type { Copy } from './copy.ts';
import { planTurn } from './fate.ts';
import type { Host } from './host.ts';
import { readWire, writeWire } from './wire.ts';
import type { Handling } from './work.ts';
import type { World } from './world.ts';

const MINUTE_MS = 60_000;

/** What a broker or an operator does with work that is done. */
export function afterOk(world: World, copy: Copy): void {
  const { story } = world;
  const { aftermath, destination } = copy;
  if (aftermath === 'ack lost') {
    const { leaseMs, countsDeliveries } = destination.transport;
    // Who counts starts, and calls them attempts, thinks that the last one failed.
    const failures = countsDeliveries ? copy.failures : copy.failures + 1;
    const turns = [planTurn(story, 'skipped')];
    const unseenMs = leaseMs ?? story.between(1_000, 10_000);
    deliver(copy, { turns, next: 'duplicate', failures, deliveries: copy.deliveries }, unseenMs);
  }
  if (aftermath === 'read again') {
    const isDeclared = story.chance(0.7);
    const replay = isDeclared ? story.pick(['log', 'backfill'] as const) : null;
    const quietMs = story.between(isDeclared ? 2 : 20, 60) * MINUTE_MS;
    deliver(copy, { turns: [planTurn(story, 'ok')], next: 'replay', replay, work: copy.work }, quietMs);
  }
}

/** What becomes of what is dead: often nothing. */
export function afterDeath(world: World, copy: Copy): void {
  const { story, timeline, chronicle } = world;
  chronicle.note('dead letter');
  const read = readWire(copy.wire);
  if (copy.aftermath === 'dead letter queue') moveAside(world, copy);
  if (!isEnvelope(read)) return; // an operator's console finds what has a waybill
  const quietMs = story.between(MINUTE_MS, 40 * MINUTE_MS);
  if (copy.aftermath === 'redriven') timeline.after(quietMs, () => redrive(world, copy, read));
  if (copy.aftermath === 'redriven by the broker') timeline.after(quietMs, () => redriveInPlace(world, copy, read));
  if (copy.aftermath === 'edited and redriven') timeline.after(quietMs, () => redriveEdited(world, copy, read));
}

/** A delivery that begins to count anew, unless it is told otherwise. */
function deliver(copy: Copy, changes: Partial<Copy>, afterMs: number): void {
  const again: Copy = {
    ...copy,
    aftermath: 'nothing',
    failures: 0,
    deliveries: 0,
    standing: 'waiting',
    whenOver: null,
    work: () => [],
    ...changes,
  };
  copy.resume(again, afterMs);
}

/** The broker's own dead-letter queue: nobody sends there, the broker moves. */
function moveAside(world: World, copy: Copy): void {
  const { transport } = copy.destination;
  const { deadLetters } = copy.subscription;
  if (deadLetters === null) return;
  const place = placeOf(copy.message, deadLetters.name, deadLetters.subscriptions[0].name);
  const enqueuedAt = deadLetters.broker.now();
  if (transport.saysEnqueuedAt) place.begins(enqueuedAt, {});
  const brokerId = transport.isIdToldToSender ? copy.brokerId : deadLetters.nextBrokerId();
  handleDeadLetter(world, copy, { destination: deadLetters, place, enqueuedAt, brokerId });
}

/** Its consumer publishes it to a dead-letter queue, and gives it up. */
export function putAside({ world, host, within }: Handling, copy: Copy): void {
  const { transport } = copy.destination;
  const { deadLetters } = copy.subscription;
  const read = readWire(copy.wire);
  if (deadLetters === null || !isEnvelope(read)) return;
  const send = { system: transport.system, destination: deadLetters.name, deadLetter: read };
  const sending = within(() => host.waybill.prepare(send));
  const brokerId = deadLetters.nextBrokerId();
  sending.settle({ status: 'taken', brokerId: transport.isIdToldToSender ? brokerId : undefined });
  const place = placeOf(copy.message, deadLetters.name, deadLetters.subscriptions[0].name);
  place.begins(host.now(), {});
  place.buries();
  if (world.story.chance(0.5)) {
    const wire = writeWire(sending.envelope, transport.layout);
    const enqueuedAt = deadLetters.broker.now();
    handleDeadLetter(world, copy, { destination: deadLetters, place, enqueuedAt, brokerId, wire });
  }
}

function handleDeadLetter(world: World, copy: Copy, moved: Partial<Copy> & Pick<Copy, 'destination'>): void {
  const turns = [planTurn(world.story, 'ok')];
  const [subscription] = moved.destination.subscriptions;
  const afterMs = world.story.between(2_000, 10 * MINUTE_MS);
  deliver(copy, { ...moved, subscription, turns, deadLettered: true, next: 'first' }, afterMs);
}

/** How a redrive says who wants it, and why. */
function replayOf(world: World, of: Envelope) {
  const planId = world.ids.mintId('plan', world.timeline.now);
  return { of, actor: world.story.pick(['mira.okafor', 'jonas.weber']), reason: 'the provider is back', planId };
}

function operatorOf(world: World): Host {
  return world.hostsOf('ops-console')[0];
}

function turnsOfRedrive({ story }: World, { destination }: Copy) {
  const { transport, troubles } = destination;
  const failure = planTurn(story, transport.failure, { trouble: troubles[0] });
  return story.chance(0.2) ? [failure, planTurn(story, 'ok')] : [planTurn(story, 'ok')];
}

function redrive(world: World, copy: Copy, of: Envelope): void {
  const host = operatorOf(world);
  const { destination } = copy;
  const { system, isIdToldToSender, layout } = destination.transport;
  const sending = host.waybill.prepare({ system, destination: destination.name, replay: replayOf(world, of) });
  const brokerId = destination.nextBrokerId();
  sending.settle({ status: 'taken', brokerId: isIdToldToSender ? brokerId : undefined });
  const wire = writeWire(sending.envelope, layout);
  const turns = turnsOfRedrive(world, copy);
  const enqueuedAt = destination.broker.now();
  deliver(copy, { wire, brokerId, enqueuedAt, turns, next: 'replay', work: copy.work, whenOver: copy.whenOver }, 0);
}

/** The broker's own redrive: no send of anybody, but its carrier says who asked for it. */
function redriveInPlace(world: World, copy: Copy, of: Envelope): void {
  const { actor, planId } = replayOf(world, of);
  const wire = writeWire({ ...of, relations: { ...of.relations, replay: { actor, planId } } }, copy.wire.layout);
  const turns = turnsOfRedrive(world, copy);
  deliver(copy, { wire, turns, next: 'replay', work: copy.work, whenOver: copy.whenOver }, 0);
}

/** Another message, which says what it replays; the first one stays dead. */
function redriveEdited(world: World, copy: Copy, of: Envelope): void {
  const host = operatorOf(world);
  const { destination, subscription } = copy;
  const { system, isIdToldToSender, layout } = destination.transport;
  const replay = { ...replayOf(world, of), isEdited: true };
  const sending = host.waybill.prepare({ system, destination: destination.name, replay });
  const brokerId = destination.nextBrokerId();
  sending.settle({ status: 'taken', brokerId: isIdToldToSender ? brokerId : undefined });
  const message = world.chronicle.add({ id: sending.envelope.messageId, causes: [copy.message], via: 'replay' });
  const place = placeOf(message, destination.name, subscription.name);
  place.begins(host.now(), {
    dueAt: destination.deadlineMs === null ? undefined : host.now() + destination.deadlineMs,
  });
  const wire = writeWire(sending.envelope, layout);
  const enqueuedAt = destination.broker.now();
  const turns = turnsOfRedrive(world, copy);
  deliver(copy, { message, place, wire, brokerId, enqueuedAt, turns, next: 'replay', work: copy.work }, 0);
}
