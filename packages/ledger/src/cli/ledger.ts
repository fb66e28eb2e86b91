import { existsSync } from 'node:fs';
import { ledgerError } from '../errors.ts';
import { exchange, type Posting } from './exchange.ts';
import { type Failure, failed } from './failure.ts';
import { urlDefault } from './ports.ts';
import { exportOf, type RecordedFact } from './recorded-fact.ts';
import { cleanJson } from './text/clean.ts';

/** An answer of the API, and the JSON text it came as. */
export interface Answer<Data> {
  readonly document: {
    readonly schema: string;
    readonly as_of: string;
    readonly partial: boolean;
    readonly data: Data;
    readonly warnings: readonly unknown[];
  };
  readonly json: string;
}

/** The ledger that is asked: over HTTP, or, with `--db`, the same routes in this process. */
export interface Ledger {
  ask<Data>(question: string, parameters: Readonly<Record<string, string>>): Promise<Answer<Data>>;
  /** What it sends to whoever follows it, behind an event: pieces of text, until one of both is gone. */
  follow(parameters: Readonly<Record<string, string>>, lastEventId: string): Promise<AsyncIterable<string>>;
  /** By its own clock, Unix ms: a recording stands still, and a server may be in another time than this machine. */
  now(): Promise<number>;
  /** Resolves when the fact is kept. */
  record(fact: RecordedFact): Promise<void>;
  close(): Promise<void>;
}

interface LedgerOptions {
  readonly db: string | undefined;
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly timeoutMs?: number;
}

export async function openLedger({ db, url, token, timeoutMs = 5_000 }: LedgerOptions): Promise<Ledger> {
  return db === undefined ? remoteLedger(url || urlDefault, token, timeoutMs) : fileLedger(db);
}

function remoteLedger(url: string, token: string | undefined, timeoutMs: number): Ledger {
  const base = URL.parse(url);
  if (!base || !/^https?:$/.test(base.protocol))
    throw ledgerError('ARGUMENT_INVALID', 'WAYBILL_URL', 'an http address', url);
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  const target = (path: string) => new URL(path, base.href.replace(/\/*$/, '/'));
  const unreachable = (error: unknown) => {
    const isLate = [error, error instanceof Error ? error.cause : null].some(
      (each) => each instanceof Error && each.name === 'TimeoutError',
    );
    const what = isLate ? `did not answer in ${timeoutMs / 1_000}s` : reasonOf(error);
    return ledgerError('LEDGER_UNREACHABLE', base.host, what);
  };
  const request = async (path: string, posting?: Posting) => {
    try {
      return await exchange(target(path), headers, timeoutMs, posting);
    } catch (error) {
      throw unreachable(error);
    }
  };
  return {
    async ask(question, parameters) {
      const { status, text } = await request(`api/v1/${question}?${new URLSearchParams(parameters)}`);
      return answerOf(question, base.host, status, text);
    },
    async follow(parameters, lastEventId) {
      // Late: no other command reads a stream.
      const { openStream } = await import('./open-stream.ts');
      const url = target(followPath(parameters));
      const response = await openStream(url, { ...headers, 'last-event-id': lastEventId }, timeoutMs).catch((error) => {
        throw unreachable(error);
      });
      return piecesOf(response, base.host, unreachable);
    },
    async now() {
      const instant = Date.parse(String(parsed((await request('healthz')).text)?.['now']));
      return Number.isNaN(instant) ? Date.now() : instant;
    },
    async record(fact) {
      const { status, text } = await request('v1/logs', postOf(fact));
      refuseUnkept(base.host, status, text);
    },
    close: async () => {},
  };
}

async function fileLedger(path: string): Promise<Ledger> {
  // A question never makes a ledger, and opening one would.
  if (!existsSync(path)) throw ledgerError('LEDGER_UNOPENABLE', path, 'there is no such file');
  // Late: most questions go to a server, and need neither SQLite nor the routes.
  const [{ openSqliteStore }, { createApp }] = await Promise.all([
    import('../store/sqlite.ts'),
    import('../server/app.ts'),
  ]);
  const store = openSqliteStore({ path });
  const app = createApp({ store });
  return {
    async ask(question, parameters) {
      const response = await app.request(`${urlDefault}/api/v1/${question}?${new URLSearchParams(parameters)}`);
      return answerOf(question, path, response.status, await response.text());
    },
    async follow(parameters, lastEventId) {
      const headers = { 'last-event-id': lastEventId };
      const response = await app.request(`${urlDefault}/${followPath(parameters)}`, { headers });
      return piecesOf(response, path, (error) => error);
    },
    now: async () => Date.now(),
    async record(fact) {
      const response = await app.request(`${urlDefault}/v1/logs`, { ...postOf(fact) });
      refuseUnkept(path, response.status, await response.text());
    },
    close: () => store.close(),
  };
}

function followPath(parameters: Readonly<Record<string, string>>): string {
  return `api/v1/tail/events?${new URLSearchParams(parameters)}`;
}

/** The pieces of a stream that a ledger sends; what goes wrong on the way is told as `lost` says. */
async function piecesOf(
  response: Response,
  from: string,
  lost: (error: unknown) => unknown,
): Promise<AsyncIterable<string>> {
  const { status, body } = response;
  // It throws: an error document says what is wrong, and anything else is no ledger's.
  if (status !== 200 || body === null) answerOf('tail', from, status, await response.text());
  return (async function* () {
    const decoder = new TextDecoder();
    try {
      for await (const piece of body ?? []) yield decoder.decode(piece, { stream: true });
    } catch (error) {
      throw lost(error);
    }
  })();
}

function answerOf<Data>(question: string, from: string, status: number, text: string): Answer<Data> {
  const document = parsed(text);
  const schema = String(document?.['schema']);
  // Sound: the schema of a document says its shape.
  if (document && schema === 'waybill.error/1') throw failed({ ...(document as unknown as Failure), status });
  if (!document || !schema.startsWith(`waybill.${question}/`))
    throw ledgerError('NOT_A_LEDGER', from, `status ${status}`);
  if (schema !== `waybill.${question}/1`) throw ledgerError('LEDGER_NEWER', from, schema, `waybill.${question}/1`);
  return { document: document as unknown as Answer<Data>['document'], json: cleanJson(text) };
}

function postOf(fact: RecordedFact): Posting {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(exportOf(fact)) };
}

function refuseUnkept(from: string, status: number, text: string): void {
  const document = parsed(text);
  // Sound: the schema of a document says its shape.
  if (document?.['schema'] === 'waybill.error/1') throw failed({ ...(document as unknown as Failure), status });
  const success = document?.['partialSuccess'];
  const isKept = status === 200 && typeof success === 'object' && Object.keys(success ?? {}).length === 0;
  if (!isKept) throw ledgerError('NOT_A_LEDGER', from, `status ${status}, ${text.slice(0, 200)}`);
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    // Sound: an object of whatever kind can be read by name.
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED') return 'refused the connection';
  return `cannot be reached: ${error instanceof Error ? error.message || error.name : String(error)}`;
}
