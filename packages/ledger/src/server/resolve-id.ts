import { type LedgerError, ledgerError } from '../errors.ts';
import type { FactReader, Match } from '../store/store.ts';
import type { Meant, Named } from './answers.ts';
import type { Question } from './questions.ts';

const foundMax = 50;
const listedMax = 5;
const suggestedMax = 3;
const echoedMax = 128;
const endingDigits = 6;

/** Of one tenant: an ending or a key may fit so many of others'. */
const foundOfAllMax = 1_000;

/**
 * The one thing that an id names; of one tenant, if one is given, and then others' are not suggested either.
 *
 * @throws ID_UNKNOWN with what may have been meant, ID_AMBIGUOUS with what it fits.
 */
export function resolveId(
  reader: FactReader,
  id: string,
  question: string,
  keyNames: Question['keyNames'],
  tenantId: string | null = null,
): Match {
  const isOfTenant = ({ tenant_id }: Match) => tenantId === null || tenant_id === tenantId;
  const matches = reader
    .find(id, tenantId === null ? foundMax : foundOfAllMax)
    .filter(isOfTenant)
    .slice(0, foundMax);
  const [first] = matches;
  if (first === undefined) throw unknownId(reader, id, question, isOfTenant);
  if (matches.length === 1 || (keyNames === 'whole' && isOneKey(matches))) return first;
  throw ambiguousId(id, matches);
}

/** Whether all of them carry the same key of the same tenant: then the earliest stands for them all. */
function isOneKey(matches: readonly Match[]): boolean {
  return matches.every(
    ({ kind, id, tenant_id }) => kind === 'business_key' && id === matches[0]?.id && tenant_id === matches[0].tenant_id,
  );
}

function unknownId(reader: FactReader, id: string, question: string, isMeant: (match: Match) => boolean): LedgerError {
  const near = reader
    .near(id, suggestedMax)
    .filter(isMeant)
    .map((match): Meant => ({ ...listed(match), ending: endingOf(match.id) }));
  const error = ledgerError('ID_UNKNOWN', echoed(id), searchedIn(reader));
  const [meant] = near;
  if (meant === undefined) return reader.extent().facts > 0 ? error : Object.assign(error, { fix: 'waybill doctor' });
  // An own id's ending holds base32 digits only, so the line can be pasted into a shell.
  return Object.assign(error, { fix: `waybill ${question} ${meant.ending}`, details: { did_you_mean: near } });
}

function ambiguousId(id: string, matches: readonly Match[]): LedgerError {
  const count = matches.length < foundMax ? String(matches.length) : `at least ${foundMax}`;
  const error = ledgerError('ID_AMBIGUOUS', echoed(id), count);
  return Object.assign(error, { details: { matches: matches.slice(0, listedMax).map(listed) } });
}

function listed({ kind, id, message_id, event_type, tenant_id, business_key, at }: Match): Named {
  return { kind, id, message_id, event_type, tenant_id, business_key, at: new Date(at).toISOString() };
}

function endingOf(id: string): string {
  return id.slice(-endingDigits);
}

/** What was searched, as the end of a sentence; times of one day are told without it. */
function searchedIn(reader: FactReader): string {
  const { facts, since, until } = reader.extent();
  if (since === null || until === null) return ': the ledger is empty';
  const began = new Date(since).toISOString();
  const isOneDay = began.slice(0, 10) === new Date(until).toISOString().slice(0, 10);
  return ` in ${facts} ${facts === 1 ? 'fact' : 'facts'} since ${isOneDay ? began.slice(11, 16) : began.slice(0, 16).replace('T', ' ')}`;
}

/** No id is longer than this: what is longer is cut where it is repeated, and nowhere else. */
function echoed(id: string): string {
  return id.length <= echoedMax ? id : `${id.slice(0, echoedMax)}…`;
}
