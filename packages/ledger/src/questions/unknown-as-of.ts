import { type LedgerError, ledgerError } from '../errors.ts';
import type { Match } from '../store/store.ts';
import { rfc3339 } from './instant.ts';

/** What the id names is known by now, and had no facts at that time. */
export function unknownAsOf({ id, at }: Match, asOf: number): LedgerError {
  return ledgerError('ID_UNKNOWN', id, ` as of ${rfc3339(asOf)}: its first fact is of ${rfc3339(at)}`);
}
