import { hasSubscribers } from 'node:diagnostics_channel';
import type { Envelope } from '../core/envelope.ts';
import { checkOptions, isFunction, isOrigins } from '../core/options.ts';
import { current } from '../core/scope.ts';
import type { Send } from '../core/send.ts';
import type { Waybill } from '../core/waybill.ts';
import { type Carrier, writeHeaders } from '../layouts/headers.ts';

export interface FetchOptions {
  /** The services of our own that may be told: `https://payments.internal`. To all others nothing is written. */
  readonly origins: readonly string[];
  /** A request's path with its ids left out, for the event type `POST /orders/{id}`; the method alone, if left out. */
  readonly template?: ((url: URL) => string) | undefined;
}

/** The parameters of `fetch`, whoever made it: Node, undici, a test. */
type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Where an instrumentation of Node's client listens: it makes the span, and writes `traceparent` itself. */
const CLIENT_CHANNEL = 'undici:request:create';

/** Header budget of a request: many servers refuse more than 16 KiB of them in all. */
const WAYBILL_LENGTH = 1024;

/**
 * Makes each call to one of our own services a message: a request of its own in the current workflow, whose receiver
 * names it as its cause. It carries no bindings. A `Request` object that is sent again by the same execution is a
 * retry, and keeps its id. `fetch` follows redirects with the headers it was given: an origin of ours that redirects
 * elsewhere takes them along.
 *
 * @throws OPTION_MISSING, OPTION_INVALID, OPTION_UNKNOWN for a mistake in the options.
 */
export function wrapFetch<F extends Fetch>(fetch: F, waybill: Waybill, options: FetchOptions): F {
  checkOptions('wrapFetch', options, { origins: { ...isOrigins, required: true }, template: isFunction });
  const origins = new Set(options.origins);
  const tried = new WeakMap<Request, Tried>();
  const traced = async function fetchInScope(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = input instanceof Request ? input : undefined;
    const url = urlOf(request?.url ?? String(input));
    if (url === undefined || !origins.has(url.origin)) return fetch(input, init);
    const send = sendOf(init?.method ?? request?.method ?? 'GET', url, options.template);
    const relay = request && retried(tried.get(request));
    const isTraced = hasSubscribers(CLIENT_CHANNEL);
    return waybill.produce({ ...send, relay, isTraced }, (envelope) => {
      if (request !== undefined) tried.set(request, { envelope, executionId: current()?.executionId });
      return fetch(input, { ...init, headers: headersOf(envelope, isTraced, request, init) });
    });
  };
  Object.defineProperty(traced, 'name', { value: fetch.name });
  return traced as Fetch as F; // sound: the same parameters go in, and the same response comes out
}

interface Tried {
  readonly envelope: Envelope;
  readonly executionId: string | undefined;
}

/** Kept by an app that polls, the same object is in another execution another request. */
function retried(before: Tried | undefined): Envelope | undefined {
  return before !== undefined && before.executionId === current()?.executionId ? before.envelope : undefined;
}

function sendOf(method: string, url: URL, template: FetchOptions['template']): Send {
  const verb = method.toUpperCase();
  return { system: 'http', destination: url.host, kind: 'request', eventType: eventTypeOf(verb, url, template) };
}

/** The app's own function may throw: the request goes on, and is told by its method. */
function eventTypeOf(verb: string, url: URL, template: FetchOptions['template']): string {
  try {
    return template === undefined ? verb : `${verb} ${template(url)}`;
  } catch {
    return verb;
  }
}

/** The caller's headers, and ours beside them: what the caller has set stays. */
function headersOf(
  envelope: Envelope,
  isTraced: boolean,
  request: Request | undefined,
  init: RequestInit | undefined,
): Headers {
  const headers = new Headers(init?.headers ?? request?.headers);
  // A tracer's instrumentation of the client writes later and appends: two of them would be none.
  const traceHeaders = isTraced ? { baggage: envelope.traceHeaders.baggage } : envelope.traceHeaders;
  const carrier: Carrier = {};
  for (const name of ['traceparent', 'baggage']) {
    const own = headers.get(name);
    if (own !== null) carrier[name] = own;
  }
  writeHeaders({ ...envelope, traceHeaders }, carrier, WAYBILL_LENGTH);
  for (const [name, value] of Object.entries(carrier)) headers.set(name, value);
  return headers;
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
