import { ledgerError } from '../errors.ts';
import * as jsonLogs from '../ingest/json/log-records.ts';
import * as jsonTraces from '../ingest/json/spans.ts';
import type { ReadItems } from '../ingest/otlp-request.ts';
import { logRecordsOf } from '../ingest/protobuf/log-records.ts';
import { exportResponse, status } from '../ingest/protobuf/responses.ts';
import { spansOf } from '../ingest/protobuf/spans.ts';

/** One of the encodings of OTLP/HTTP. An answer has that of its request. */
export interface ExportEncoding {
  readonly mediaType: string;
  readonly logRecordsOf: ReadItems;
  readonly spansOf: ReadItems;
  /** The body of an answer of 200; `rejectedName` is what its partial success calls those that were not taken. */
  success(rejectedName: string, rejected: number, reason?: string): string | Uint8Array<ArrayBuffer>;
  /** The body of any other answer, a google.rpc.Status. */
  failure(code: number, message: string): string | Uint8Array<ArrayBuffer>;
}

export const JSON_ENCODING: ExportEncoding = {
  mediaType: 'application/json',
  logRecordsOf: jsonLogs.logRecordsOf,
  spansOf: jsonTraces.spansOf,
  success: (rejectedName, rejected, reason) =>
    // A count is an int64, which OTLP/JSON writes as a string.
    JSON.stringify({
      partialSuccess: rejected === 0 ? {} : { [rejectedName]: String(rejected), errorMessage: reason },
    }),
  failure: (code, message) => JSON.stringify({ code, message }),
};

const PROTOBUF_ENCODING: ExportEncoding = {
  mediaType: 'application/x-protobuf',
  logRecordsOf,
  spansOf,
  success: (_, rejected, reason) => exportResponse(rejected, reason),
  failure: status,
};

/** @throws MEDIA_TYPE_UNSUPPORTED */
export function encodingOf(contentType: string | undefined): ExportEncoding {
  const [type = ''] = (contentType ?? '').split(';');
  const given = type.trim().toLowerCase();
  const encoding = [JSON_ENCODING, PROTOBUF_ENCODING].find(({ mediaType }) => mediaType === given);
  if (encoding !== undefined) return encoding;
  throw ledgerError('MEDIA_TYPE_UNSUPPORTED', type === '' ? 'a body without a content type' : type.trim().slice(0, 60));
}
