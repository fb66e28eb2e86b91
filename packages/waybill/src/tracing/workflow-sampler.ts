import { createHash } from 'node:crypto';
import { checkOptions, isFlag, type OptionRule } from '../core/options.ts';
import { RULES } from '../core/rules.ts';
import { currentScope } from '../core/scope.ts';
import { WORKFLOW_KEY } from './bridged.ts';
import type { OpenTelemetryApi, OtelContext, OtelLink, OtelTraceState } from './opentelemetry-api.ts';
import { randomValueOf, thresholdOf, withProbability } from './probability.ts';
import { ATTRIBUTE } from './span-attributes.ts';
import { isSampled, isValid } from './span-context.ts';

export interface WorkflowSamplerOptions {
  /** The share of workflows that is traced, 0 to 1. */
  readonly ratio: number;
  /** Records spans that are not sampled too, so that propagators and processors see what they are; off, if left out. */
  readonly recordUnsampled?: boolean | undefined;
}

/** As a tracer's SDK takes it. The numbers are those of its `SamplingDecision`. */
export interface WorkflowSampler {
  shouldSample(
    context: OtelContext,
    traceId: string,
    name: string,
    kind: number,
    attributes: object,
    links: OtelLink[],
  ): { decision: 0 | 1 | 2; traceState?: OtelTraceState };
  toString(): string;
}

/**
 * Decides once for a workflow, in whatever traces it goes on: by its correlation id, or by the random value that the
 * first of them has drawn and the links to it carry. The root of a parent-based sampler; a parent decides for its children.
 *
 * @throws OPTION_MISSING, OPTION_INVALID, OPTION_UNKNOWN for a mistake in the options.
 */
export function workflowSampler(api: OpenTelemetryApi, options: WorkflowSamplerOptions): WorkflowSampler {
  checkOptions('sampler', options, { ratio: { ...isRatio, required: true }, recordUnsampled: isFlag });
  const threshold = thresholdOf(options.ratio);
  const otherwise = options.recordUnsampled ? 1 : 0;
  return {
    shouldSample(context, traceId, _name, _kind, _attributes, links) {
      const parent = api.trace.getSpan(context)?.spanContext();
      // Left undefined, the trace state stays the parent's.
      if (isValid(parent)) return { decision: isSampled(parent) ? 2 : otherwise };
      const value = drawnBefore(links) ?? hashOf(workflowIn(context)) ?? traceId.slice(-VALUE_DIGITS);
      const isTaken = value >= threshold;
      return { decision: isTaken ? 2 : otherwise, traceState: withProbability(value, isTaken ? threshold : undefined) };
    },
    toString: () => `WorkflowSampler{${options.ratio}}`,
  };
}

const VALUE_DIGITS = 14;

const isRatio: OptionRule = {
  expected: 'a number from 0 to 1',
  fits: (value) => typeof value === 'number' && value >= 0 && value <= 1,
};

/** What these links lead to is another workflow: a stranger's, or the one before. */
const OTHER_WORKFLOW: ReadonlySet<unknown> = new Set([
  RULES.ingressPublic.traceReason,
  RULES.newWorkflow.traceReason,
  'operator',
]);

/** Of a batch the highest: it is traced if any of its workflows is. */
function drawnBefore(links: readonly OtelLink[]): string | undefined {
  const values = links.flatMap(({ context, attributes }) =>
    OTHER_WORKFLOW.has(attributes?.[ATTRIBUTE.linkReason]) ? [] : (randomValueOf(context.traceState) ?? []),
  );
  return values.length === 0 ? undefined : values.reduce((one, other) => (one > other ? one : other));
}

function workflowIn(context: OtelContext): string | undefined {
  const named = context.getValue(WORKFLOW_KEY);
  return typeof named === 'string' ? named : currentScope()?.context.correlationId;
}

// The spans of one workflow often begin one after the other.
let hashedId = '';
let hashed = '';

/** 56 bits that every service draws alike. */
function hashOf(correlationId: string | undefined): string | undefined {
  if (correlationId === undefined) return undefined;
  if (correlationId !== hashedId) {
    hashed = createHash('sha256').update(correlationId).digest('hex').slice(0, VALUE_DIGITS);
    hashedId = correlationId;
  }
  return hashed;
}
