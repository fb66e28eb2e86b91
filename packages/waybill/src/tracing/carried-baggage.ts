import { CORRELATION_MEMBER } from '../core/baggage.ts';
import type { OpenTelemetryApi, OtelBaggage, OtelContext } from './opentelemetry-api.ts';

// All messages of one workflow most often have the same.
let readText = '';
let read: OtelBaggage | undefined;
const written = new WeakMap<OtelBaggage, string | undefined>();

/** Baggage as a header names it, made the tracer's own. */
export function withBaggage(api: OpenTelemetryApi, context: OtelContext, text: string | undefined): OtelContext {
  if (text === undefined) return context;
  if (text !== readText || read === undefined) {
    read = api.propagation.createBaggage(entriesOf(api, text));
    readText = text;
  }
  return api.propagation.setBaggage(context, read);
}

/** What a stranger's baggage says of our workflows is not handed on. */
export function withoutClaim(api: OpenTelemetryApi, context: OtelContext): OtelContext {
  const baggage = api.propagation.getBaggage(context);
  if (baggage?.getEntry(CORRELATION_MEMBER) === undefined) return context;
  return api.propagation.setBaggage(context, baggage.removeEntry(CORRELATION_MEMBER));
}

/** W3C Baggage, section 3.2: the header's text of what is current; undefined where there is none. */
export function baggageOf(api: OpenTelemetryApi, context: OtelContext): string | undefined {
  const baggage = api.propagation.getBaggage(context);
  if (baggage === undefined) return undefined;
  if (!written.has(baggage)) written.set(baggage, textOf(baggage));
  return written.get(baggage);
}

function textOf(baggage: OtelBaggage): string | undefined {
  const members = baggage
    .getAllEntries()
    .filter(([key]) => key !== CORRELATION_MEMBER)
    .map(([key, { value, metadata }]) => {
      const properties = metadata === undefined ? '' : String(metadata);
      return `${encodeURIComponent(key)}=${encodeURIComponent(value)}${properties === '' ? '' : `;${properties}`}`;
    });
  return members.length === 0 ? undefined : members.join(',');
}

function entriesOf(api: OpenTelemetryApi, text: string) {
  const entries: Parameters<OpenTelemetryApi['propagation']['createBaggage']>[0] = Object.create(null);
  for (const member of text.split(',')) {
    const [pair = '', ...properties] = member.split(';');
    const at = pair.indexOf('=');
    const key = decoded(pair.slice(0, Math.max(at, 0)).trim());
    const value = decoded(pair.slice(at + 1).trim());
    if (entries === undefined || key === undefined || key === '' || value === undefined) continue;
    const said = properties.map((property) => property.trim()).join(';');
    entries[key] = said === '' ? { value } : { value, metadata: api.baggageEntryMetadataFromString(said) };
  }
  return entries;
}

function decoded(text: string): string | undefined {
  try {
    return text.includes('%') ? decodeURIComponent(text) : text;
  } catch {
    return undefined; // a percent sign that encodes nothing
  }
}
