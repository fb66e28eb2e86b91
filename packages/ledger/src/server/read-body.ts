import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { HonoRequest } from 'hono';
import { ledgerError } from '../errors.ts';

const MEBIBYTE = 1024 * 1024;
/** What is read from the wire, and what it may inflate to: a megabyte of gzip can hold a gigabyte. */
const sentMiBMax = 16;
const inflatedMiBMax = 64;

const inflate = promisify(gunzip);

/**
 * The body of a request, inflated.
 *
 * @throws BODY_TOO_LARGE, BODY_UNREADABLE, MEDIA_TYPE_UNSUPPORTED.
 */
export async function readBody(request: HonoRequest): Promise<Uint8Array> {
  const encoding = (request.header('content-encoding') ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip')
    throw ledgerError('MEDIA_TYPE_UNSUPPORTED', `content-encoding ${encoding.slice(0, 60)}`);
  const sent = await readSent(request);
  return encoding === 'gzip' ? inflated(sent) : sent;
}

async function readSent(request: HonoRequest): Promise<Uint8Array> {
  const sentMax = sentMiBMax * MEBIBYTE;
  if (Number(request.header('content-length') ?? 0) > sentMax) throw tooLarge(sentMiBMax);
  const parts: Uint8Array[] = [];
  let length = 0;
  // Counted while it is read, for a body that comes in chunks says nothing of its length.
  for await (const part of partsOf(request.raw.body)) {
    length += part.length;
    if (length > sentMax) throw tooLarge(sentMiBMax);
    parts.push(part);
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}

async function* partsOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  try {
    yield* body;
  } catch {
    throw ledgerError('BODY_UNREADABLE', 'it ended too early');
  }
}

/** All members of a gzip file count together: the limit is on what comes out, wherever it was packed. */
async function inflated(packed: Uint8Array): Promise<Uint8Array> {
  try {
    return await inflate(packed, { maxOutputLength: inflatedMiBMax * MEBIBYTE });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(inflatedMiBMax);
    throw ledgerError('BODY_UNREADABLE', 'it is not gzip');
  }
}

function tooLarge(limitMiB: number): Error {
  return ledgerError('BODY_TOO_LARGE', `${limitMiB} MiB`);
}
