import type { MessageFact } from 'waybill';
import type { Known } from '../ingest/spans/known.ts';
import type { SpanContext } from '../ingest/spans/span.ts';
import type { FactReader } from '../store/store.ts';

/** One span creates few messages: where it seems to have created more, its ids are made up. */
const messagesMax = 200;

/** What is in the store, and what was just derived of traces that may be linked to. */
export function knownTo(reader: FactReader, derived: readonly MessageFact[]): Known {
  const bySpan = new Map<string, MessageFact[]>();
  let taken = 0;
  const justDerived = ({ trace_id, span_id }: SpanContext) => {
    for (const fact of derived.slice(taken)) {
      const key = `${fact.trace_id} ${fact.span_id}`;
      bySpan.set(key, [...(bySpan.get(key) ?? []), fact]);
    }
    taken = derived.length;
    return bySpan.get(`${trace_id} ${span_id}`) ?? [];
  };
  return {
    factsAt: (context) => [
      ...reader.factsOf(reader.messagesAt(context.trace_id, context.span_id, messagesMax)),
      ...justDerived(context),
    ],
    records: (service, system) => reader.records(service, system),
  };
}
