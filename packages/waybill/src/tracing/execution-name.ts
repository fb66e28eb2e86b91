import type { ExecutionStart } from '../core/tracing.ts';
import type { Bridged } from './bridged.ts';
import { SPAN_KIND } from './opentelemetry-api.ts';
import type { NamedSpan } from './span-naming.ts';

/** `process orders`; of an ingress the operation. Low in cardinality: a path with ids in it is no name. */
export function executionName({ naming }: Bridged, { place, edge }: ExecutionStart): NamedSpan {
  const own = naming[place.system]?.process;
  if (own !== undefined) return { name: own.name, kind: SPAN_KIND[own.kind] };
  if (edge === undefined) return { name: `process ${place.destination}`, kind: SPAN_KIND.consumer };
  if (place.system !== 'http') return { name: edge.operation, kind: SPAN_KIND.internal };
  // Left out by the app, the operation is method and path.
  const name = edge.operation === edge.eventType ? methodOf(edge.operation) : edge.operation;
  return { name, kind: SPAN_KIND.server };
}

export function methodOf(eventType: string): string {
  return eventType.split(' ')[0] ?? eventType;
}
