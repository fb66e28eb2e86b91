import type { HttpBindings } from '@hono/node-server';
import type { Context, Next } from 'hono';
import { ledgerError } from '../errors.ts';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];
const READING = new Set(['GET', 'HEAD']);
const portOfHttp = 80;

/**
 * Keeps web pages out: a page may reach a loopback port through a name that it points there (DNS rebinding), and may
 * post to it without asking. So the Host has to be ours, and whatever is no read has to come from no foreign page.
 * Where tokens are asked for, a page has none, and the ledger may have any name: of a service, or of a proxy before it.
 *
 * @throws HOST_REFUSED, ORIGIN_REFUSED.
 */
export function openGuard(hasTokens: boolean): (context: Context, next: Next) => Promise<void> {
  return async (context, next) => {
    setHeaders(context);
    const port = portOf(context);
    // Without a socket the request was made in this process, by whoever opened the store.
    if (port !== undefined && !hasTokens) checkHost(context.req.header('host') ?? '', port);
    checkOrigin(context);
    await next();
  };
}

/**
 * Before a recording: what it took would be gone when it ends. A recorder keeps what is answered so, and tries again.
 *
 * @throws LEDGER_READ_ONLY.
 */
export async function refuseWrites({ req }: Context, next: Next): Promise<void> {
  if (!READING.has(req.method)) throw ledgerError('LEDGER_READ_ONLY');
  await next();
}

function setHeaders(context: Context): void {
  context.header('x-content-type-options', 'nosniff');
  context.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  context.header('referrer-policy', 'no-referrer');
  context.header('cache-control', 'no-store');
}

/** The port that the request arrived at, which may not be the one that was asked for. */
function portOf(context: Context): number | undefined {
  // Sound: listen.ts serves with the Node adapter, and `app.request` passes no bindings.
  const bindings = context.env as Partial<HttpBindings> | undefined;
  return bindings?.incoming?.socket.localPort;
}

function checkHost(host: string, port: number): void {
  const names = LOOPBACK.map((name) => `${name}:${port}`);
  const isOurs = names.includes(host.toLowerCase()) || (port === portOfHttp && LOOPBACK.includes(host.toLowerCase()));
  if (!isOurs) throw ledgerError('HOST_REFUSED', JSON.stringify(host.slice(0, 100)));
}

/** A page that asks gets its answer without CORS headers, and so cannot read it; here it is kept from writing. */
function checkOrigin(context: Context): void {
  if (!READING.has(context.req.method)) refuseForeign(context);
}

/** @throws ORIGIN_REFUSED to a page that is not ours. */
export function refuseForeign({ req }: Context): void {
  const origin = req.header('origin');
  if (origin === undefined) return;
  if (origin !== `http://${req.header('host')}`)
    throw ledgerError('ORIGIN_REFUSED', JSON.stringify(origin.slice(0, 100)));
}
