import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { isLedgerError, isPassing, type LedgerError, retryAfterSeconds, statusOf } from '../errors.ts';
import { type ExportEncoding, encodingOf, JSON_ENCODING } from './export-encoding.ts';
import { readTogether } from './gathering.ts';
import { readBody } from './read-body.ts';

/** OTLP answers errors with a google.rpc.Status, whose codes are those of gRPC. */
const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;
const UNIMPLEMENTED = 12;
const UNAVAILABLE = 14;
const GRPC_CODES: Readonly<Record<number, number>> = {
  413: RESOURCE_EXHAUSTED,
  415: UNIMPLEMENTED,
  429: RESOURCE_EXHAUSTED,
  503: UNAVAILABLE,
};

/** What became of a request: all that was not rejected is on disk. */
interface Taken {
  readonly rejected: number;
  readonly reason?: string;
}

/** Answers an OTLP/HTTP export; `rejectedName` is what its partial success calls those that were not taken. */
export async function answerExport(
  context: Context,
  rejectedName: 'rejectedLogRecords' | 'rejectedSpans',
  take: (body: Uint8Array, encoding: ExportEncoding) => Promise<Taken>,
): Promise<Response> {
  // Whoever sends something else is told so in JSON.
  let encoding = JSON_ENCODING;
  try {
    encoding = encodingOf(context.req.header('content-type'));
    const body = await readTogether(context, () => readBody(context));
    const { rejected, reason } = await take(body, encoding);
    context.header('content-type', encoding.mediaType);
    return context.body(encoding.success(rejectedName, rejected, reason));
  } catch (error) {
    if (!isLedgerError(error)) throw error;
    return refusal(context, encoding, error);
  }
}

function refusal(context: Context, encoding: ExportEncoding, error: LedgerError): Response {
  const status = statusOf(error);
  if (isPassing(error)) context.header('retry-after', String(retryAfterSeconds));
  context.header('content-type', encoding.mediaType);
  const message = `${error.code}: ${error.message}. ${error.fix}`;
  // Sound: the registry's statuses are of answers that have a body.
  return context.body(
    encoding.failure(GRPC_CODES[status] ?? INVALID_ARGUMENT, message),
    status as ContentfulStatusCode,
  );
}
