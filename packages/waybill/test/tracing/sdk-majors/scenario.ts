// Run by the test beside it, in a process of its own for each major: what one registers is the whole process's.
import type { Sdk, Setup } from '../../../../../fixtures/sdk.ts';
import { createFactLines } from '../../../src/testing/fact-lines.ts';
import { assertTraces } from '../../../src/testing/fact-traces.ts';
import { bridge } from '../../../src/tracing/otel.ts';
import { knownWaybill } from '../../known-waybill.ts';
import { type SpanNode, spanTrees } from './span-tree.ts';
import { walk } from './walk.ts';

/** What one walk left behind. */
export interface Walked {
  readonly facts: readonly string[];
  /** How many of them name a span. */
  readonly namingCount: number;
  /** Of the `traceparent` of each message; undefined where it has none. */
  readonly flags: readonly (string | undefined)[];
  readonly trees: readonly SpanNode[];
  readonly warnings: readonly string[];
}

const fail = (): never => {
  throw new Error('broken by the app');
};
const settled = async () => {};
const healthy = { onStart: () => {}, onEnd: () => {}, forceFlush: settled, shutdown: settled };

const SETUPS = {
  sampled: { ratio: 1 },
  unsampled: { ratio: 0 },
  samplerThrows: { ratio: 1, sampler: { shouldSample: fail, toString: () => 'broken' } },
  onStartThrows: { ratio: 1, processors: [{ ...healthy, onStart: fail }] },
  onEndThrows: { ratio: 1, processors: [{ ...healthy, onEnd: fail }] },
} as const satisfies Record<string, Setup>;

export type Scenario = keyof typeof SETUPS;

async function walkWith({ api, register }: Sdk, setup: Setup): Promise<Walked> {
  const warnings: string[] = [];
  const hear = ({ message }: Error) => warnings.push(message);
  process.on('warning', hear);
  const finished = register(setup);
  const { waybill, facts } = knownWaybill({ tracing: bridge(api) });
  // An app that has a tracer that throws does not make spans of its own for long.
  const isHealthy = setup.sampler === undefined && setup.processors === undefined;
  const { order, lines, payment, refund } = await walk(waybill, isHealthy ? api : undefined);
  await new Promise(setImmediate); // warnings come a tick later
  process.off('warning', hear);
  assertTraces(facts);
  return {
    facts: facts.map(createFactLines()),
    namingCount: facts.filter((fact) => 'span_id' in fact && fact.span_id !== undefined).length,
    flags: [order, ...lines, payment, refund].map(({ traceparent }) => traceparent?.slice(-2)),
    trees: spanTrees(finished()),
    warnings,
  };
}

const { sdk }: { sdk: Sdk } = await import(`../../../../../fixtures/otel-sdk-${process.argv[2]}/sdk.ts`);
const walked: Record<string, Walked> = {};
for (const [name, setup] of Object.entries(SETUPS)) walked[name] = await walkWith(sdk, setup);
console.log(JSON.stringify(walked));
