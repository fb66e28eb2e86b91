import type { Envelope, Gap } from '../core/envelope.ts';
import { checkOptions, isOneOf, isOrigins } from '../core/options.ts';
import { packWaybill, WAYBILL_LENGTH } from '../core/pack-waybill.ts';
import { readWaybill } from '../core/read-waybill.ts';
import { createSafeguard, warn } from '../core/safeguard.ts';
import { runInScope } from '../core/scope.ts';
import type { Tracing } from '../core/tracing.ts';
import { NO_TRACE_HEADERS } from '../core/w3c.ts';
import type { Waybill } from '../core/waybill.ts';
import { carrying, scopeIn, scopeOfCarried } from './carried-scope.ts';
import type { OpenTelemetryApi, OtelContext } from './opentelemetry-api.ts';
import { type Outgoing, outgoingOf } from './outgoing.ts';
import { identityAttributes } from './span-attributes.ts';

export interface PropagatorOptions {
  /** The services of our own that may be told by HTTP: `https://payments.internal`. To all others nothing is written. */
  readonly origins?: readonly string[] | undefined;
  /** `trusted` only where nobody but our own services can reach this process by HTTP; `public`, if left out. */
  readonly http?: 'public' | 'trusted' | undefined;
  /**
   * A span that is not sampled does not say whether it is a message's or an HTTP call's. `carry` where this process
   * calls no stranger by HTTP; `drop`, if left out. A sampler with `recordUnsampled` makes every span say it.
   */
  readonly unsampled?: 'carry' | 'drop' | undefined;
}

/** As OpenTelemetry's API takes it, in a composite beside those of W3C. */
export interface WaybillPropagator {
  inject<Carrier>(
    context: OtelContext,
    carrier: Carrier,
    setter: { set(carrier: Carrier, key: string, value: string): void },
  ): void;
  extract<Context extends OtelContext, Carrier>(context: Context, carrier: Carrier, getter: Getter<Carrier>): Context;
  fields(): string[];
}

interface Getter<Carrier> {
  get(carrier: Carrier, key: string): undefined | string | string[];
}

const HEADER = 'waybill';
/** As `waybill/fetch` has it: many servers refuse more than 16 KiB of headers in all. */
const REQUEST_LENGTH = 1024;

/**
 * Without any adapter: whatever an instrumentation of OpenTelemetry's injects into carries a waybill, and what it
 * extracts from becomes the scope of the spans below. What it cannot do is record facts; a ledger makes them of spans.
 *
 * @throws OPTION_UNKNOWN, OPTION_INVALID for a mistake in the options.
 */
export function propagator(
  api: OpenTelemetryApi,
  tracing: Tracing,
  waybill: Waybill,
  options: PropagatorOptions = {},
): WaybillPropagator {
  checkOptions('propagator', options, {
    origins: isOrigins,
    http: isOneOf('public', 'trusted'),
    unsampled: isOneOf('carry', 'drop'),
  });
  const attempted = createSafeguard(Date.now)(
    'propagator',
    (work: () => unknown) => work(),
    () => undefined,
  );
  const guarded = <R>(work: () => R) => attempted(work) as R | undefined; // sound: what the work itself gives, or nothing
  const origins = new Set(options.origins);
  const mayCarry = ({ what, origin }: Outgoing): boolean => {
    if (what === 'request') return origin !== undefined && origins.has(origin);
    if (what === 'message' || options.unsampled === 'carry') return true;
    warnOnce();
    return false;
  };
  return {
    inject: (context, carrier, setter) => {
      guarded(() => {
        const span = api.trace.getSpan(context);
        const outgoing = outgoingOf(span);
        if (!mayCarry(outgoing)) return;
        const envelope = envelopeOf(waybill, context, outgoing);
        if (outgoing.isOwnSpan) span?.setAttributes(identityAttributes(envelope));
        const length = outgoing.what === 'request' ? REQUEST_LENGTH : WAYBILL_LENGTH;
        setter.set(carrier, HEADER, packWaybill(envelope, length));
      });
    },
    extract: <Context extends OtelContext, Carrier>(context: Context, carrier: Carrier, getter: Getter<Carrier>) => {
      const extracted = guarded(() => {
        const isRequest = getter.get(carrier, 'host') !== undefined || getter.get(carrier, ':authority') !== undefined;
        const isBelieved = !isRequest || options.http === 'trusted';
        const carried = isBelieved ? readCarried(getter.get(carrier, HEADER)) : 'absent';
        const traceId = api.trace.getSpan(context)?.spanContext().traceId;
        return carrying(context, scopeOfCarried(carried, isRequest, traceId, tracing));
      });
      return (extracted as Context | undefined) ?? context; // sound: a context's setValue gives one of its kind
    },
    fields: () => [HEADER],
  };
}

function readCarried(text: string | string[] | undefined): Envelope | Gap {
  const [only, ...others] = typeof text === 'string' ? [text] : (text ?? []);
  return only === undefined || others.length > 0 ? 'absent' : readWaybill(only, NO_TRACE_HEADERS);
}

/** A message of its own in whatever scope the tracer's context carries, or that an adapter has entered. */
function envelopeOf(waybill: Waybill, context: OtelContext, { what, system, destination }: Outgoing): Envelope {
  const kind = what === 'request' ? 'request' : undefined;
  const make = () => waybill.prepare({ system, destination, kind, isTraced: true }).envelope;
  const scope = scopeIn(context);
  return scope === undefined ? make() : runInScope(scope, make);
}

let hasWarned = false;

function warnOnce(): void {
  if (hasWarned) return;
  hasWarned = true;
  warn(
    'Spans that are not sampled do not say what they are, so nothing was written for one. Say `unsampled: "carry"` to the propagator where no stranger is called by HTTP, or `recordUnsampled: true` to the sampler.',
  );
}
