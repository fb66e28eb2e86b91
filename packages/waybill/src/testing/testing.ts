import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Fact } from '../core/facts.ts';
import { createWaybill, type WaybillOptions } from '../core/waybill.ts';
import type { Case, Harness, Subject, World } from './case.ts';
import { BINDING_CASES } from './cases/bindings.ts';
import { HARM_CASES } from './cases/harm.ts';
import { HOSTILE_CASES } from './cases/hostile.ts';
import { IDENTITY_CASES } from './cases/identity.ts';
import { RETRY_CASES } from './cases/retries.ts';
import { TRANSPORT_CASES } from './cases/transports.ts';
import { createFactLines } from './fact-lines.ts';
import { assertTraces } from './fact-traces.ts';

export { type Simulation, type SimulationOptions, simulate } from './simulator/simulate.ts';
export {
  SIMULATED_KINDS,
  type SimulatedKind,
  type TrueFailure,
  type TrueMessage,
  type TruePlace,
  type Truth,
} from './simulator/truth.ts';
export type { Faults } from './simulator/world.ts';

/** What every adapter is held to, against its real broker. */
export const CASES: readonly Case[] = [
  ...IDENTITY_CASES,
  ...BINDING_CASES,
  ...RETRY_CASES,
  ...HARM_CASES,
  ...HOSTILE_CASES,
  ...TRANSPORT_CASES,
];

/** Why a case is not run for a library; undefined where it is. */
export function skipReason({ outcome, needs }: Case, { name, claims, limits }: Subject): string | undefined {
  if (needs !== undefined && !claims.includes(needs)) return `${name} does not claim: ${needs}`;
  return limits?.[outcome];
}

const WAIT_MS_MAX = 20_000;

/**
 * Runs one case against a library; beside a tracer, if one is given, with the same facts, which a recorder may hear
 * too. It fails on a fact too many, a fact too few, a trace that is not as its fact says, and on silence.
 */
export async function runCase(
  subject: Subject,
  { act, facts, hasBrokenRecorder, isOpenEnded }: Case,
  { tracing, recorder }: Pick<WaybillOptions, 'tracing' | 'recorder'> = {},
): Promise<void> {
  const lines: string[] = [];
  const recorded: Fact[] = [];
  let wake = () => {};
  const lineOf = createFactLines();
  const record = (fact: Fact) => {
    if (hasBrokenRecorder) throw new Error('this recorder is broken');
    lines.push(lineOf(fact));
    recorded.push(fact);
    recorder?.record(fact);
    wake();
  };
  const until = async (what: string, isReached: () => boolean) => {
    const deadline = AbortSignal.timeout(WAIT_MS_MAX);
    while (!isReached()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        deadline.addEventListener('abort', () => resolve(), { once: true });
      });
      if (deadline.aborted)
        assert.fail(`waited ${WAIT_MS_MAX} ms for ${what}; the facts were:\n  ${lines.join('\n  ')}`);
    }
  };
  const waybill = createWaybill({ service: 'conformance', recorder: { record }, tracing });
  const harness = await subject.start(waybill);
  try {
    await act(
      worldOf(waybill, harness, (line) => until(`"${line}"`, () => lines.some((each) => each.startsWith(line)))),
    );
    await until(`${facts.length} facts`, () => lines.length >= facts.length);
  } finally {
    await harness.close();
  }
  const said = isOpenEnded ? lines.filter((line) => facts.includes(line)) : lines;
  assert.deepEqual([...said].sort(), [...facts].sort());
  assertTraces(recorded);
}

function worldOf(waybill: World['waybill'], harness: Harness, until: World['until']): World {
  const run = randomBytes(4).toString('hex');
  const real = (destination: string) => `${destination}-${run}`;
  return {
    waybill,
    request: (work) => waybill.ingress({ operation: 'checkout', eventType: 'POST /checkout', tenantId: 'acme' }, work),
    send: (destination, ...payloads) => harness.send(real(destination), payloads, {}),
    sendLater: (destination, delayMs, payload) => harness.send(real(destination), [payload], { delayMs }),
    sendForeign: (destination, payload, carrier = null) => harness.sendForeign(real(destination), payload, carrier),
    consume: (destination, handler, concurrency = 1) => harness.consume(real(destination), handler, concurrency),
    sendWithKey: (destination, key, payload) => harness.send(real(destination), [payload], { key: real(key) }),
    schedule: (destination, scheduleId, payload) =>
      claimed(harness.schedule)(real(destination), real(scheduleId), payload),
    sendFlow: (parent, children, payload) => claimed(harness.sendFlow)(real(parent), children.map(real), payload),
    consumeAndDie: (destination, handler) => claimed(harness.consumeAndDie)(real(destination), handler),
    failureOf: (destination) => harness.failureOf(real(destination)),
    until,
  };
}

/** A case that needs it is not run where it is not claimed; who claims it has to have it. */
function claimed<F>(member: F | undefined): F {
  return member ?? assert.fail('the harness claims what it has no member for');
}
