import { Hono } from 'hono';
import { etag } from 'hono/etag';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Millis } from 'waybill';
import { errorBody, isLedgerError, isPassing, ledgerError, retryAfterSeconds, statusOf } from '../errors.ts';
import type { FactStore } from '../store/store.ts';
import { type DerivationOptions, openDerivation } from './derivation.ts';
import { type Followers, type FollowersOptions, openFollowers } from './followers.ts';
import { openGathering } from './gathering.ts';
import { openGuard, refuseWrites } from './guard.ts';
import { openInFlight } from './in-flight.ts';
import { openMeasures } from './measures.ts';
import { QUESTIONS, type Question } from './questions.ts';
import { openRetention, type RetentionOptions } from './retention.ts';
import { routesOf } from './routes.ts';
import { openGate, type Tokens } from './tokens.ts';

interface AppOptions {
  readonly store: FactStore;
  /** By the word that is their route; all that the ledger knows, if left out. */
  readonly questions?: Readonly<Record<string, Question>>;
  /** How spans become facts. */
  readonly derivation?: DerivationOptions;
  /** Whoever sends, asks or changes has to show one; on loopback alone the ledger may go without. */
  readonly tokens?: Tokens;
  /** How long facts are kept; for ever, if left out. */
  readonly retention?: RetentionOptions;
  /** Of a recording: what it is asked is answered as of then, if no other instant is, and it takes no facts. */
  readonly recordedAt?: Millis;
  /** Of the bodies that are being taken, all together. */
  readonly bytesInFlightMax?: number;
  /** How those are served who follow what comes. */
  readonly followers?: FollowersOptions;
  /** Told of what was not foreseen; the answer says nothing of it. Writes to stderr, if left out. */
  readonly onUnexpected?: (error: unknown) => void;
}

/** The ledger as an HTTP application, which also answers in process: `app.request('/api/v1/why?id=…')`. */
export type LedgerApp = Hono & {
  readonly hasTokens: boolean;
  /** Derives facts of spans, and deletes what is old, from now on; questions alone need none of it. */
  start(): void;
  /** Ends what is never answered to its end, so that connections can be closed. */
  endFollowers(): void;
  /** Closes the store. */
  close(): Promise<void>;
};

/** @throws TOKEN_UNFIT. */
export function createApp(options: AppOptions): LedgerApp {
  const { tokens, recordedAt, questions = QUESTIONS, onUnexpected = writeToStderr } = options;
  const followers = openFollowers(options.store, onUnexpected, options.followers);
  const store = ringing(options.store, followers);
  const hasTokens = tokens !== undefined && Object.values(tokens).some(({ length }) => length > 0);
  const admit = hasTokens ? openGate(tokens) : () => {};
  const app = new Hono();
  const derivation = openDerivation(store, onUnexpected, options.derivation);
  const retention = openRetention(store, onUnexpected, options.retention);
  const measures = openMeasures(store);
  // Around the guard, so that what that refuses is counted as well.
  app.use('/v1/*', measures.timed);
  app.use(openGuard(hasTokens));
  app.use(openInFlight(options.bytesInFlightMax));
  app.use('/v1/*', openGathering());
  if (recordedAt !== undefined) app.use(refuseWrites);
  const now = recordedAt === undefined ? Date.now : () => recordedAt;
  const routes = routesOf({ store, derivation, measures, followers, questions, now, admit });
  for (const { method, path, asks, isTagged, handle } of routes) {
    if (asks)
      app.on(method, path, async (context, next) => {
        admit(asks, context);
        await next();
      });
    if (isTagged) app.on(method, path, etag());
    app.on(method, path, handle);
  }
  app.notFound(({ req }) => {
    throw ledgerError('ROUTE_UNKNOWN', `${req.method} ${req.path.slice(0, 100)}`);
  });
  app.onError((error, context) => {
    const known = isLedgerError(error) ? error : ledgerError('UNEXPECTED');
    if (known !== error) onUnexpected(error);
    if (isPassing(known)) context.header('retry-after', String(retryAfterSeconds));
    // Sound: the registry holds statuses of answers that have a body.
    return context.json(errorBody(known), statusOf(known) as ContentfulStatusCode);
  });
  return Object.assign(app, {
    hasTokens,
    start() {
      derivation.start();
      retention.start();
    },
    endFollowers: followers.end,
    close: () => Promise.all([derivation.stop(), retention.stop()]).then(() => store.close()),
  });
}

/** The store, with a bell behind each commit of facts. */
function ringing(store: FactStore, { ring }: Followers): FactStore {
  const append: FactStore['append'] = async (facts) => {
    const appended = await store.append(facts);
    if (appended.stored > 0) ring();
    return appended;
  };
  return { ...store, append };
}

/** Where what was foreseen came from is no news. */
function writeToStderr(error: unknown): void {
  console.error(isLedgerError(error) ? `${error.message} (${error.code}). ${error.fix}` : error);
}
