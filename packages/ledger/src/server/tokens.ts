import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import { ledgerError } from '../errors.ts';

/** What a token opens: sending facts, asking questions, or both and what changes the ledger besides. */
export const TOKEN_KINDS = ['ingest', 'read', 'admin'] as const;
export type TokenKind = (typeof TOKEN_KINDS)[number];
/** Several of a kind are all good: a new one is given out before the old one is taken away. */
export type Tokens = Readonly<Record<TokenKind, readonly string[]>>;

const FIT = /^[\x21-\x2b\x2d-\x7e]{16,256}$/;

/**
 * Makes what lets in whoever has a token of a kind, and throws at whoever has none.
 *
 * @throws TOKEN_UNFIT.
 */
export function openGate(tokens: Tokens): (kind: TokenKind, context: Context) => void {
  const known = TOKEN_KINDS.flatMap((kind) => tokens[kind].map((token, index) => digested(kind, token, index)));
  return (kind, context) => {
    const given = /^bearer +(\S+) *$/i.exec(context.req.header('authorization') ?? '')?.[1];
    if (given === undefined) {
      context.header('www-authenticate', 'Bearer realm="waybill"');
      throw ledgerError('TOKEN_MISSING', kind);
    }
    const opens = kindsOf(known, given);
    if (opens.size === 0) {
      context.header('www-authenticate', 'Bearer realm="waybill", error="invalid_token"');
      throw ledgerError('TOKEN_UNKNOWN');
    }
    if (!opens.has(kind) && !opens.has('admin')) throw ledgerError('TOKEN_WRONG', kind);
  };
}

interface Known {
  readonly kind: TokenKind;
  readonly digest: Uint8Array;
}

function digested(kind: TokenKind, token: string, index: number): Known {
  // Which one is said by its place: what is wrong with it may be one letter too many of a good one.
  if (!FIT.test(token)) throw ledgerError('TOKEN_UNFIT', kind, String(index + 1));
  return { kind, digest: digestOf(token) };
}

/** All are compared, and digests of one length: how long it takes says nothing of how near a guess came. */
function kindsOf(known: readonly Known[], given: string): Set<TokenKind> {
  const digest = digestOf(given);
  return new Set(known.filter((each) => timingSafeEqual(each.digest, digest)).map(({ kind }) => kind));
}

function digestOf(token: string): Uint8Array {
  return createHash('sha256').update(token).digest();
}
