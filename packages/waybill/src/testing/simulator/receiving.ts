import type { Delivery, Execution, Settlement } from '../../core/delivery.ts';
import { type Envelope, isEnvelope } from '../../core/envelope.ts';
import { afterDeath, afterOk, putAside } from './aftermath.ts';
import type { Copy } from './copy.ts';
import type { Turn } from './fate.ts';
import type { Host } from './host.ts';
import type { Wait } from './logical-place.ts';
import { perform } from './performing.ts';
import { readWire } from './wire.ts';
import type { Handling } from './work.ts';
import type { World } from './world.ts';

/** Delivers a copy as its next turn has it; one that has none left lies there for ever. */
export function receive(world: World, copy: Copy, afterMs: number): void {
  const turn = copy.turns.shift();
  if (turn !== undefined) world.timeline.after(afterMs + turn.waitMs, () => start(world, copy, turn));
}

function start(world: World, copy: Copy, turn: Turn): void {
  if (copy.standing === 'over') return;
  const host = hostFor(world, copy);
  const delivery = deliveryOf(copy, host, turn);
  const execution = host.waybill.open(delivery);
  const envelope = isEnvelope(delivery.envelope) ? delivery.envelope : null;
  const handled: Handled = { copy, host, execution, envelope, leaseUntil: delivery.leaseUntil ?? null };
  noteStart(world, handled);
  const isWorking = turn.outcome === 'ok' || (turn.outcome !== 'skipped' && world.story.chance(0.15));
  const work = turn.work?.() ?? (isWorking ? copy.work() : []);
  const { message } = copy;
  const within = <R>(work: () => R) => execution.run(work);
  perform({ world, host, causes: [message], envelope, within }, work, turn, (handling) =>
    finish(handling, handled, turn),
  );
}

/** Anybody; but a log's reader tries again where it stands, before it reads on. */
export function hostFor({ story }: World, { destination, subscription, next, host }: Copy): Host {
  const other = story.pick(subscription.hosts);
  return destination.transport.isLog && next === 'retry' && host !== null ? host : other;
}

/** One delivery that is being handled, alone or in a batch. */
export interface Handled {
  readonly copy: Copy;
  readonly host: Host;
  readonly execution: Execution;
  /** Null where it came without context. */
  readonly envelope: Envelope | null;
  readonly leaseUntil: number | null;
}

/** What the transport tells its receiver. */
export function deliveryOf(copy: Copy, host: Host, turn: Turn): Delivery {
  const { destination, subscription, label } = copy;
  const { transport } = destination;
  const envelope = readWire(copy.wire);
  const isNamed = isEnvelope(envelope);
  // A worker that works on holds its lease.
  const leaseMs = turn.outcome === 'hang' ? HELD_MS : transport.leaseMs;
  return {
    system: transport.system,
    destination: destination.name,
    subscription: subscription.name,
    envelope,
    brokerId: copy.brokerId,
    attempt: transport.countsAttempts ? copy.failures + 1 : undefined,
    deliveryCount: transport.countsDeliveries ? copy.deliveries + 1 : undefined,
    redelivered: transport.saysRedelivered ? copy.deliveries > 0 : undefined,
    deadLettered: copy.deadLettered ? true : undefined,
    enqueuedAt: transport.saysEnqueuedAt ? copy.enqueuedAt : undefined,
    maxAttempts: transport.maxAttempts ?? undefined,
    leaseUntil: transport.leaseMs === null || leaseMs === null ? undefined : host.now() + leaseMs,
    eventType: isNamed ? undefined : label.eventType,
    tenantId: isNamed ? undefined : label.tenantId,
    businessKey: isNamed ? undefined : label.businessKey,
    schedule: copy.schedule ?? undefined,
    releasedBy: copy.releasedBy ?? undefined,
    replay: copy.replay ?? undefined,
  };
}

const HELD_MS = 86_400_000;

export function noteStart(world: World, { copy, host, execution }: Handled): void {
  const { context } = execution;
  const { message, place, subscription, position } = copy;
  message.id ??= context.messageId;
  if (message.id !== context.messageId) throw new Error(`${message.id} came as ${context.messageId}`);
  place.starts(host.now(), context.executionId, copy.next);
  if (copy.next === 'retry' || copy.next === 'redelivery' || copy.next === 'duplicate' || copy.next === 'replay')
    world.chronicle.note(copy.next);
  subscription.waiting.delete(position);
  const [earliest = position] = subscription.waiting;
  if (copy.deliveries === 0 && earliest < position) world.chronicle.note('reorder');
  copy.deliveries++;
  copy.releasedBy = null;
  copy.host = host;
  copy.standing = 'running';
}

/** The handler's end, and a little later what the transport is told. */
function finish(handling: Handling, handled: Handled, turn: Turn): void {
  const { world } = handling;
  const { copy, execution } = handled;
  if (turn.outcome === 'hang') return;
  if (turn.outcome === 'crash' || turn.outcome === 'abandon') {
    loseExecution(world, handled, turn);
    return;
  }
  if (turn.outcome === 'dead' && copy.aftermath === 'put aside') putAside(handling, copy);
  execution.ended();
  world.timeline.after(world.story.chance(0.7) ? 0 : world.story.between(1, 4), () => {
    const settlement = settlementOf(world, handled.host, turn);
    execution.settle(settlement);
    noteSettlement(world, handled, turn, settlement);
  });
}

const SAID_BY = { ok: 'return', skipped: 'deduplication', released: 'shutdown' } as const;

export function settlementOf(world: World, host: Host, { outcome, trouble, backoffMs }: Turn): Settlement {
  if (outcome === 'ok' || outcome === 'skipped' || outcome === 'released') return { outcome, by: SAID_BY[outcome] };
  if (outcome !== 'retry' && outcome !== 'failed' && outcome !== 'dead') throw new Error(`${outcome} settles nothing`);
  const retryAt = backoffMs === null ? undefined : host.now() + backoffMs;
  return { outcome, by: 'throw', error: trouble?.errorOf(world.story), retryAt };
}

/** Writes down how an execution ended, and lets come what comes next. */
export function noteSettlement(world: World, handled: Handled, turn: Turn, { outcome, retryAt }: Settlement): void {
  const { copy, host, execution } = handled;
  const { place, message } = copy;
  const gate = turn.gate?.() ?? null;
  const { executionId } = execution.context;
  place.settles(host.now(), executionId, outcome, gate?.wait ?? backoff(retryAt));
  if (turn.trouble !== null)
    world.chronicle.fail(turn.trouble, { message, place, executionId, isDead: outcome === 'dead' });
  copy.standing = 'waiting';
  if (outcome === 'retry' || outcome === 'failed') {
    copy.failures++;
    copy.next = 'retry';
    copy.resume(copy, turn.backoffMs ?? 0);
    return;
  }
  if (outcome === 'released') {
    copy.next = 'redelivery';
    if (gate === null) copy.resume(copy, 0);
    else
      gate.hold((releasedBy) => {
        copy.releasedBy = releasedBy;
        copy.resume(copy, 0);
      });
    return;
  }
  copy.standing = 'over';
  if (outcome === 'ok') afterOk(world, copy);
  if (outcome === 'dead') afterDeath(world, copy);
  if (outcome !== 'skipped') copy.whenOver?.(host);
}

function backoff(retryAt: number | undefined): Wait | undefined {
  return retryAt === undefined ? undefined : { kind: 'backoff', until: () => retryAt };
}

/** The worker goes silent: nobody says so, and its lease runs out, where it has one. */
export function loseExecution(world: World, { copy, host, leaseUntil }: Handled, turn: Turn): void {
  const { transport } = copy.destination;
  copy.place.abandons(leaseUntil);
  copy.next = 'redelivery';
  // Who counts starts, and calls them attempts, counts this one.
  if (!transport.countsDeliveries) copy.failures++;
  if (turn.outcome !== 'crash') return;
  const unseenMs = leaseUntil === null ? world.story.between(1_000, 30_000) : leaseUntil - host.now();
  copy.resume(copy, Math.max(unseenMs, 0));
}
