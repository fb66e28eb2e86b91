import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { isLedgerError, type LedgerError, ledgerError, statusOf } from '../errors.ts';
import { readBody } from './read-body.ts';

/** OTLP answers errors with a google.rpc.Status, whose codes are those of gRPC. */
const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;
const UNIMPLEMENTED = 12;
const UNAVAILABLE = 14;
const GRPC_CODES: Readonly<Record<number, number>> = { 413: RESOURCE_EXHAUSTED, 415: UNIMPLEMENTED, 503: UNAVAILABLE };
const retryAfterSeconds = 1;

/** What became of a request: all that was not rejected is on disk. */
interface Taken {
  readonly rejected: number;
  readonly reason?: string;
}

/** Answers an OTLP/HTTP export; `rejectedName` is what its partial success calls those that were not taken. */
export async function answerExport(
  context: Context,
  rejectedName: 'rejectedLogRecords' | 'rejectedSpans',
  take: (body: Uint8Array) => Promise<Taken>,
): Promise<Response> {
  try {
    expectJson(context.req.header('content-type'));
    const { rejected, reason } = await take(await readBody(context.req));
    // A count is an int64, which OTLP/JSON writes as a string.
    const partialSuccess = rejected === 0 ? {} : { [rejectedName]: String(rejected), errorMessage: reason };
    return context.json({ partialSuccess });
  } catch (error) {
    if (!isLedgerError(error)) throw error;
    return refusal(context, error);
  }
}

function expectJson(contentType: string | undefined): void {
  const [type = ''] = (contentType ?? '').split(';');
  if (type.trim().toLowerCase() === 'application/json') return;
  throw ledgerError('MEDIA_TYPE_UNSUPPORTED', type === '' ? 'a body without a content type' : type.trim().slice(0, 60));
}

function refusal(context: Context, error: LedgerError): Response {
  const status = statusOf(error);
  if (status === 503) context.header('retry-after', String(retryAfterSeconds));
  const body = {
    code: GRPC_CODES[status] ?? INVALID_ARGUMENT,
    message: `${error.code}: ${error.message}. ${error.fix}`,
  };
  return context.json(body, status as ContentfulStatusCode); // the registry's statuses are of answers that have a body
}
