import type { CreatedFact, MessageFact, SentFact, StartedFact } from 'waybill';
import type { Span, SpanContext } from './span.ts';

/** What a ledger knows beside the spans of a trace. */
export interface Known {
  /** All facts of the messages that have one of this span. */
  factsAt(context: SpanContext): readonly MessageFact[];
  /** Whether the service records itself what it does with this system; with any, where a span names none. */
  records(service: string, system: string | null): boolean;
}

type Creation = SentFact | CreatedFact;

/** Asks once for each span: a span is asked for what it is itself, and by those that it created. */
export function askingOnce({ factsAt, records }: Known): Known {
  const asked = new Map<string, readonly MessageFact[]>();
  return {
    factsAt(context) {
      const key = `${context.trace_id} ${context.span_id}`;
      const facts = asked.get(key) ?? factsAt(context);
      asked.set(key, facts);
      return facts;
    },
    records,
  };
}

/** Whether it was derived before that the span sent something, when nobody knew what caused it. */
export function isCauseLate(span: Span, known: Known): boolean {
  return known
    .factsAt(span)
    .some((fact) => fact.kind === 'sent' && fact.inferred === true && fact.causation_id === null && isAt(fact, span));
}

/** The fact that says which message was created there; undefined where none does, or several do. */
export function creationAt(context: SpanContext, taker: Span, system: string, known: Known): Creation | undefined {
  const creations = known
    .factsAt(context)
    .filter(isCreation)
    .filter((fact) => isAt(fact, context));
  const recorded = creations.filter(({ inferred }) => inferred !== true);
  if (recorded.length === 0) return creations[0];
  // What a service records of a send bears the span of whatever sent it, which may have sent more.
  const same = recorded.filter((fact) => fact.system === system);
  const closer = [
    same,
    same.filter(({ broker_id }) => broker_id !== undefined && broker_id === taker.broker_id),
    same.filter(({ destination }) => destination === taker.destination),
  ];
  return closer.find((facts) => new Set(facts.map(({ message_id }) => message_id)).size === 1)?.[0];
}

/** The start of what was handled in a span: recorded by its service, or derived of a trace that was let go since. */
export function startAt(context: SpanContext, known: Known): StartedFact | undefined {
  return known.factsAt(context).find((fact): fact is StartedFact => fact.kind === 'started' && isAt(fact, context));
}

/** Whether its own service has recorded something of this very span. */
export function isRecorded(span: Span, known: Known): boolean {
  return known.factsAt(span).some((fact) => fact.inferred !== true && isAt(fact, span));
}

function isCreation(fact: MessageFact): fact is Creation {
  return fact.kind === 'sent' || fact.kind === 'created';
}

function isAt(fact: MessageFact, { trace_id, span_id }: SpanContext): boolean {
  return fact.trace_id === trace_id && fact.span_id === span_id;
}
