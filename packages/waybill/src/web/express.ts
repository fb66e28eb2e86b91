import type { Settlement } from '../core/delivery.ts';
import { checkOptions, isFunction, isOneOf, isTexts } from '../core/options.ts';
import type { Waybill } from '../core/waybill.ts';
import { type ReceivedCarrier, readHeaders } from '../layouts/headers.ts';

export const peer = { name: 'express', range: '>=4.19 <6' };

/** The part of a request that we read. */
export interface ExpressRequestLike {
  readonly method: string;
  readonly headers: ReceivedCarrier;
  readonly baseUrl: string;
  readonly path: string;
  readonly route?: { readonly path?: unknown } | undefined;
}

/** The part of a response that we listen to. */
export interface ExpressResponseLike {
  readonly statusCode: number;
  readonly writableFinished: boolean;
  once(event: 'finish' | 'close', listener: () => void): unknown;
}

export interface ExpressOptions<Request> {
  /** On whose account: from the login, never from a header that a stranger may write. */
  readonly tenant?: ((request: Request) => string | null | undefined) | undefined;
  /** For which business operation; method and route, if left out. */
  readonly operation?: ((request: Request) => string) | undefined;
  /** The order, the invoice: `order:ORD-48213`. */
  readonly businessKey?: ((request: Request) => string | null | undefined) | undefined;
  /** `trusted` only where nobody but our own services can reach this server; `public`, if left out. */
  readonly trust?: 'public' | 'trusted' | undefined;
  /** Behind a trusted edge: the names of carried bindings that are taken over; none, if left out. */
  readonly inboundBindings?: readonly string[] | undefined;
}

/**
 * Makes each request an ingress: `app.use(middleware(waybill))`, before the body parsers. Everything behind it
 * runs in the request's scope, error handlers included.
 */
export function middleware<Request extends ExpressRequestLike>(
  waybill: Waybill,
  options: ExpressOptions<Request> = {},
) {
  checkOptions('express middleware', options, {
    tenant: isFunction,
    operation: isFunction,
    businessKey: isFunction,
    trust: isOneOf('public', 'trusted'),
    inboundBindings: isTexts,
  });
  // Named, because instrumentations make a span of each middleware and call it by that.
  return function waybillIngress(request: Request, response: ExpressResponseLike, next: () => void): void {
    const eventType = `${request.method} ${routeOf(request)}`;
    const execution = waybill.ingress({
      operation: asked(options.operation, request) ?? eventType,
      eventType,
      tenantId: asked(options.tenant, request),
      businessKey: asked(options.businessKey, request),
      envelope: readHeaders(request.headers),
      trust: options.trust,
      inboundBindings: options.inboundBindings,
    });
    response.once('finish', () => {
      execution.ended();
      execution.settle(settlementOf(response.statusCode));
    });
    // Always comes, and after `finish`: settling twice does nothing.
    response.once('close', () => {
      execution.ended();
      execution.settle({ outcome: 'released', by: 'client closed' });
    });
    execution.run(next);
  };
}

function settlementOf(status: number): Settlement {
  if (status < 500) return { outcome: 'ok', by: `HTTP ${status}` };
  return {
    outcome: 'dead',
    by: `HTTP ${status}`,
    error: { name: 'HttpError', message: `The answer was HTTP ${status}.` },
  };
}

/** The pattern where the middleware stands on a route; before routing only the path is known. */
function routeOf(request: ExpressRequestLike): string {
  const pattern = request.route?.path;
  return `${request.baseUrl}${typeof pattern === 'string' ? pattern : request.path}`;
}

/** The app's own function may throw or answer anything: the request goes on without that field. */
function asked<Request>(
  ask: ((request: Request) => string | null | undefined) | undefined,
  request: Request,
): string | undefined {
  try {
    const answer = ask?.(request);
    return typeof answer === 'string' && answer !== '' ? answer : undefined;
  } catch {
    return undefined;
  }
}
