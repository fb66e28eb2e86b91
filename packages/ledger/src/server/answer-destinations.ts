import type { Context } from 'hono';
import type { Millis } from 'waybill';
import { ledgerError } from '../errors.ts';
import { readDeclaration, readReport } from '../ingest/read-destinations.ts';
import { destinationsOf } from '../questions/graph/known-destinations.ts';
import type { FactStore } from '../store/store.ts';
import { answered } from './answered.ts';
import { readBody } from './read-body.ts';
import { tagged } from './tagged.ts';
import type { TokenKind } from './tokens.ts';

/** Lets in whoever may do what asks for a token of this kind, and throws at whoever may not. */
export type Admit = (kind: TokenKind, context: Context) => void;

export async function answerDestinations(store: FactStore, context: Context, now: () => Millis): Promise<Response> {
  return listed(store, context, null, now());
}

/** @throws DESTINATION_UNKNOWN. */
export async function answerDestination(store: FactStore, context: Context, now: () => Millis): Promise<Response> {
  return listed(store, context, nameIn(context), now());
}

/**
 * Declares one destination whole: what the body leaves out is declared no more.
 *
 * @throws DESTINATION_INVALID, DESTINATIONS_FULL.
 */
export async function declareDestination(store: FactStore, context: Context, now: () => Millis): Promise<Response> {
  const name = nameIn(context);
  const at = now();
  await store.destinations.keep(readDeclaration(name, await jsonIn(context), at));
  return listed(store, context, name, at);
}

/** @throws DESTINATION_UNKNOWN. */
export async function removeDestination(store: FactStore, context: Context): Promise<Response> {
  const name = nameIn(context);
  const values = await store.destinations.remove(name);
  if (values === 0) throw ledgerError('DESTINATION_UNKNOWN', name);
  return context.json({ schema: 'waybill.destination_removed/1', name, values });
}

/**
 * Takes what one source says of several destinations: a probe's report from whoever sends facts, a declaration from an
 * admin.
 *
 * @throws DESTINATION_INVALID, DESTINATIONS_FULL.
 */
export async function takeReport(
  store: FactStore,
  admit: Admit,
  context: Context,
  now: () => Millis,
): Promise<Response> {
  const { source, values, ignored } = readReport(await jsonIn(context), now());
  // What facts show is learned here, and what was learned elsewhere comes with `waybill import`.
  if (source === 'learned') throw ledgerError('DESTINATION_INVALID', 'source', 'declared or probed', '"learned"');
  if (source === 'declared') admit('admin', context);
  await store.destinations.keep(values);
  return context.json({
    schema: 'waybill.destinations_taken/1',
    destinations: new Set(values.map(({ destination }) => destination)).size,
    ignored,
  });
}

async function listed(store: FactStore, context: Context, name: string | null, asOf: Millis): Promise<Response> {
  const document = await store.read((reader) => {
    const destinations = destinationsOf(reader.destinations(name === null ? null : [name]), asOf);
    if (name !== null && destinations.length === 0) throw ledgerError('DESTINATION_UNKNOWN', name);
    return answered(reader, 'destination_list', { asOf, since: asOf, data: { destinations } });
  });
  return tagged(context, document);
}

/** As it was before it was percent-encoded: names hold slashes, colons and dots. */
function nameIn(context: Context): string {
  return context.req.param('name') ?? '';
}

async function jsonIn(context: Context): Promise<unknown> {
  const body = await readBody(context);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw ledgerError('DESTINATION_INVALID', 'the body', 'JSON in UTF-8', `${body.length} bytes of something else`);
  }
}
