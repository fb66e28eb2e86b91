import type { Delivery } from '../../core/delivery.ts';
import { isEnvelope } from '../../core/envelope.ts';
import type { Copy } from './copy.ts';
import { planTurn, type Turn } from './fate.ts';
import { perform } from './performing.ts';
import {
  deliveryOf,
  type Handled,
  hostFor,
  loseExecution,
  noteSettlement,
  noteStart,
  settlementOf,
} from './receiving.ts';
import type { Handling, More, Work } from './work.ts';
import type { World } from './world.ts';

/** A consumer that takes several messages with one call of its handler. */
export interface BatchConsumer {
  take(copy: Copy, afterMs: number): void;
}

const BATCH_COUNT_MAX = 8;

/** @param work What the batch as a whole does. @param itemWork What is done for each message of it. */
export function createBatchConsumer(world: World, work: More, itemWork: More): BatchConsumer {
  const { timeline, story } = world;
  const waiting: Copy[] = [];
  let isPlanned = false;
  const flush = () => {
    isPlanned = false;
    const copies = waiting.splice(0, BATCH_COUNT_MAX);
    if (waiting.length > 0) plan();
    handleBatch(world, copies, { work, itemWork });
  };
  const plan = () => {
    if (isPlanned) return;
    isPlanned = true;
    timeline.after(story.between(200, 2_500), flush);
  };
  return {
    take: (copy, afterMs) => {
      timeline.after(afterMs, () => {
        waiting.push(copy);
        plan();
      });
    },
  };
}

interface BatchWork {
  readonly work: More;
  readonly itemWork: More;
}

function handleBatch(world: World, copies: readonly Copy[], { work, itemWork }: BatchWork): void {
  const [first] = copies;
  if (first === undefined) return;
  if (copies.length > 1) world.chronicle.note('fan-in');
  const host = hostFor(world, first);
  const turns = planTurns(world, copies);
  const deliveries = copies.map((copy, index): Delivery => deliveryOf(copy, host, turnAt(turns, index)));
  const { batch, items } = host.waybill.openBatch(deliveries);
  const handled = copies.map((copy, index): Handled => {
    const execution = items[index];
    if (execution === undefined) throw new Error('a batch has an item for each delivery');
    const { leaseUntil, envelope = 'absent' } = deliveries[index] ?? {};
    return { copy, host, execution, leaseUntil: leaseUntil ?? null, envelope: isEnvelope(envelope) ? envelope : null };
  });
  for (const one of handled) noteStart(world, one);
  const isWell = turns.every(({ outcome }) => outcome === 'ok');
  const whole: Omit<Handling, 'occupy'> = {
    world,
    host,
    causes: copies.map(({ message }) => message),
    envelope: null,
    within: (inner) => batch.run(inner),
  };
  const acts: Work = [
    ...handled.flatMap((one, index) => (turnAt(turns, index).outcome === 'ok' ? itemActs(one, itemWork) : [])),
    ...(isWell ? work() : []),
  ];
  perform(whole, acts, turnAt(turns, 0), () => {
    if (isWell) batch.ended();
    for (const [index, one] of handled.entries()) end(world, one, turnAt(turns, index));
  });
}

function turnAt(turns: readonly Turn[], index: number): Turn {
  const turn = turns[index];
  if (turn === undefined) throw new Error('a batch has a turn for each delivery');
  return turn;
}

/** What is done in the scope of one item: it alone is the cause. */
function itemActs({ copy, execution, envelope }: Handled, itemWork: More): Work {
  return itemWork().map((act) => (handling) => {
    act({ ...handling, causes: [copy.message], envelope, within: (inner) => execution.run(inner) });
  });
}

function end(world: World, handled: Handled, turn: Turn): void {
  if (turn.outcome === 'crash') {
    loseExecution(world, handled, turn);
    return;
  }
  const settlement = settlementOf(world, handled.host, turn);
  handled.execution.settle(settlement);
  noteSettlement(world, handled, turn, settlement);
}

/** A batch mostly ends as a whole; where a transport can, single items fail, or are handed back unhandled. */
function planTurns(world: World, copies: readonly Copy[]): Turn[] {
  const { story } = world;
  const [first] = copies;
  if (first === undefined) return [];
  const { transport, troubles } = first.destination;
  const isRepeating = copies.some(({ deliveries }) => deliveries > 0);
  const course = isRepeating ? 'ok' : story.weigh({ ok: 78, 'some fail': 8, 'all fail': 6, stopped: 4, crash: 4 });
  const [trouble] = troubles;
  const ok = planTurn(story, 'ok');
  const backoffMs = transport.canBackOff ? story.between(1_000, 4_000) : null;
  const failure = planTurn(story, transport.failure, { trouble, backoffMs });
  if (course === 'crash') return copies.map(() => planTurn(story, 'crash'));
  if (course === 'all fail') return copies.map(() => failure);
  if (course === 'some fail' && !transport.isLog) return copies.map(() => (story.chance(0.4) ? failure : ok));
  if (course === 'stopped' && transport.canRelease) {
    const reached = story.below(copies.length);
    const released = planTurn(story, 'released');
    return copies.map((_, index) => (index < reached ? ok : released));
  }
  return copies.map(() => ok);
}
