import type { Outcome } from '../../core/facts.ts';
import type { Destination, Subscription } from './destinations.ts';
import type { Gate } from './gate.ts';
import type { Random } from './random.ts';
import type { Transport } from './transports.ts';
import type { Trouble } from './troubles.ts';
import type { More } from './work.ts';

/** How one execution will go. `crash`: it goes silent, and another will start. `abandon`: none will. `hang`: it is still running. */
export interface Turn {
  readonly outcome: Outcome | 'crash' | 'abandon' | 'hang';
  /** From when it could start to its start. */
  readonly waitMs: number;
  readonly runMs: number;
  readonly trouble: Trouble | null;
  /** Before the next one; null where it is simply delivered again. */
  readonly backoffMs: number | null;
  /** What its handler does, where that is not what the message is for. */
  readonly work: More | null;
  /** Children that it adds, and hands itself back for. */
  readonly gate: (() => Gate) | null;
}

/** What comes after its last turn. */
export type Aftermath =
  | 'nothing'
  | 'ack lost'
  | 'read again'
  | 'dead letter queue'
  | 'put aside'
  | 'redriven'
  | 'redriven by the broker'
  | 'edited and redriven';

/** How one message will fare at one subscription; decided before it is sent. */
export interface Fate {
  readonly turns: readonly Turn[];
  readonly aftermath: Aftermath;
}

/**
 * How much goes wrong. `steady`: nothing. `sound`: it ends well, after some trouble maybe. `ordinary`: most do, and some
 * never end. `poisoned`: it dies.
 */
export type Temper = 'steady' | 'sound' | 'ordinary' | 'poisoned';

type Course = 'ok' | 'retried' | 'crashed' | 'released' | 'dies' | 'never' | 'hangs' | 'abandoned' | 'backing off';

const ENDING_WELL = { ok: 82, retried: 9, crashed: 5, released: 4 } as const;
const COURSES: Readonly<Record<Temper, Readonly<Partial<Record<Course, number>>>>> = {
  steady: { ok: 1 },
  sound: ENDING_WELL,
  ordinary: { ...ENDING_WELL, dies: 6, never: 3, hangs: 1, abandoned: 2, 'backing off': 1 },
  poisoned: { dies: 1 },
};

export function planFate(
  random: Random,
  destination: Destination,
  { deadLetters }: Subscription,
  temper: Temper,
): Fate {
  const course = random.weigh(COURSES[temper]);
  const turns = planTurns(random, destination, course);
  const isDead = turns.at(-1)?.outcome === 'dead';
  if (isDead) return { turns, aftermath: planDeath(random, destination.transport, deadLetters) };
  const isAckLost = temper !== 'steady' && turns.at(-1)?.outcome === 'ok' && random.chance(0.02);
  return { turns, aftermath: isAckLost ? 'ack lost' : 'nothing' };
}

function planTurns(random: Random, destination: Destination, course: Course): Turn[] {
  const { transport } = destination;
  const turn = (outcome: Turn['outcome'], more: Partial<Turn> = {}) => planTurn(random, outcome, more);
  switch (course) {
    case 'ok':
      return [turn('ok')];
    case 'retried':
      return [...planFailures(random, destination, random.between(1, 3)), turn('ok')];
    case 'crashed':
      return [...planFailures(random, destination, random.below(2)), turn('crash'), turn('ok')];
    case 'released':
      return transport.canRelease ? [turn('released'), turn('ok')] : [turn('ok')];
    case 'dies': {
      const trouble = random.pick(destination.troubles);
      return [...planFailures(random, destination, random.below(3), trouble), turn('dead', { trouble })];
    }
    case 'never':
      return [];
    case 'hangs':
      return [turn('hang')];
    case 'abandoned':
      return transport.leaseMs === null ? [turn('ok')] : [turn('abandon')];
    case 'backing off':
      return transport.canBackOff
        ? [turn('retry', { trouble: random.pick(destination.troubles), backoffMs: BEYOND_MS })]
        : [turn('ok')];
  }
}

/** Longer than any workflow: what waits for it waits still when the questions are asked. */
export const BEYOND_MS = 172_800_000;

export function planTurn(random: Random, outcome: Turn['outcome'], more: Partial<Turn> = {}): Turn {
  return {
    outcome,
    waitMs: random.chance(0.1) ? random.between(500, 8_000) : random.between(2, 400),
    runMs: random.chance(0.1) ? random.between(1_000, 20_000) : random.between(5, 900),
    trouble: null,
    backoffMs: null,
    work: null,
    gate: null,
    ...more,
  };
}

function planFailures(
  random: Random,
  { transport, troubles }: Destination,
  count: number,
  trouble: Trouble = random.pick(troubles),
): Turn[] {
  return Array.from({ length: count }, (_, failures) => {
    const isBackingOff = transport.canBackOff && random.chance(0.85);
    const backoffMs = isBackingOff ? 1_000 * 2 ** failures + random.between(0, 900) : null;
    return planTurn(random, transport.failure, { trouble, backoffMs });
  });
}

function planDeath(random: Random, transport: Transport, deadLetters: Destination | null): Aftermath {
  switch (transport.deadLetters) {
    case 'set':
      return random.weigh({
        nothing: 3,
        redriven: 3,
        'redriven by the broker': 1,
        'edited and redriven': 2,
      });
    case 'queue':
      return deadLetters === null || random.chance(0.3) ? 'nothing' : 'dead letter queue';
    case 'consumer':
      return deadLetters === null ? 'nothing' : 'put aside';
  }
}
