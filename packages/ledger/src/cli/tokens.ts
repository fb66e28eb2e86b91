import { ledgerError } from '../errors.ts';
import type { TokenKind, Tokens } from '../server/tokens.ts';
import { readConfig } from './config-file.ts';

export const TOKEN_VARIABLES: Readonly<Record<TokenKind, string>> = {
  ingest: 'WAYBILL_INGEST_TOKEN',
  read: 'WAYBILL_READ_TOKEN',
  admin: 'WAYBILL_ADMIN_TOKEN',
};

/** All that are given, in the environment and in the file; never in a flag, which other processes can see. */
export function tokensOf(file: string | undefined, env: NodeJS.ProcessEnv): Tokens {
  // Sound: the keys of the variables are the kinds.
  const kinds = Object.keys(TOKEN_VARIABLES) as TokenKind[];
  const written = file === undefined ? new Map<TokenKind, unknown>() : readConfig(file, kinds);
  const of = (kind: TokenKind) => [
    ...(env[TOKEN_VARIABLES[kind]] ?? '').split(/[\s,]+/).filter((token) => token !== ''),
    ...listed(written.get(kind) ?? [], kind, file),
  ];
  return { ingest: of('ingest'), read: of('read'), admin: of('admin') };
}

function listed(value: unknown, kind: TokenKind, file = ''): readonly string[] {
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
  throw ledgerError('CONFIG_UNREADABLE', file, `"${kind}" is no list of texts`);
}
