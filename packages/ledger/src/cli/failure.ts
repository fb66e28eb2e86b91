import { isLedgerError } from '../errors.ts';
import { pasted } from './suggestions.ts';
import { cleanDocument } from './text/clean.ts';
import { shortId, shortName } from './text/ids.ts';
import { columns } from './text/lines.ts';

/** Something that an error names, as the API lists it. */
interface Named {
  readonly kind?: string;
  readonly id: string;
  readonly message_id: string;
  readonly event_type?: string | null;
  readonly tenant_id?: string | null;
  readonly business_key?: string | null;
  readonly at?: number | string;
}

/** A word of the command line that may have been meant. */
interface Word {
  readonly kind: 'command' | 'flag';
  readonly id: string;
}

/** `waybill.error/1`: what went wrong, as the API answers it and `--json` prints it. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  readonly did_you_mean?: readonly (Named | Word)[] | undefined;
  readonly matches?: readonly Named[] | undefined;
  /** Of the HTTP answer that it came in. */
  readonly status?: number | undefined;
}

const EXIT_CODES: Readonly<Record<string, number>> = {
  ADDRESS_PUBLIC: 2,
  APP_CONFIG_FAILED: 2,
  APP_CONFIG_MISSING: 2,
  ARGUMENT_INVALID: 2,
  ARGUMENT_MISSING: 2,
  COMMAND_UNKNOWN: 2,
  COMMAND_UNSTARTABLE: 2,
  CONFIG_UNKNOWN: 2,
  CONFIG_UNREADABLE: 2,
  DESTINATION_INVALID: 2,
  FLAG_UNKNOWN: 2,
  IMPORT_UNREADABLE: 2,
  NOT_CONFIRMED: 2,
  REPLAY_MISSING: 2,
  TOKEN_UNFIT: 2,
  ID_UNKNOWN: 3,
  STDIN_UNKNOWN: 3,
  ID_AMBIGUOUS: 4,
  LEDGER_DAMAGED: 5,
  LEDGER_UNREACHABLE: 5,
  LEDGER_UNOPENABLE: 5,
  NOT_A_LEDGER: 5,
  HOST_REFUSED: 6,
  ORIGIN_REFUSED: 6,
  LEDGER_NEWER: 8,
};

/** Scripts branch on it: a kind of failure never changes its number. */
export function exitCodeOf({ code, status }: Failure): number {
  return EXIT_CODES[code] ?? (status === 401 || status === 403 ? 6 : 1);
}

/** An answer that is an error, on its way to the one place that prints errors. */
export function failed(failure: Failure): Error & { readonly failure: Failure } {
  return Object.assign(new Error(failure.message), { failure });
}

export function failureOf(error: unknown): Failure {
  if (error instanceof Error && 'failure' in error) return error.failure as Failure; // only `failed` sets it
  if (isLedgerError(error)) return { code: error.code, message: error.message, fix: error.fix, ...error.details };
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'UNEXPECTED', message, fix: 'Run it again with --debug, and report what it shows.' };
}

const matchesMax = 5;

/** What happened, what may have been meant, and a line to paste. */
export function failureText(failure: Failure, verb: string | undefined): string {
  const { code, message, fix, did_you_mean = [], matches = [] } = cleanDocument(failure);
  const [meant] = did_you_mean;
  const lines = [`error: ${message} (${code})`];
  // One word stands in the fix; which of several was meant nobody knows.
  if (meant && (did_you_mean.length > 1 || !isWord(meant)))
    lines.push(`did you mean ${did_you_mean.slice(0, 3).map(named).join(' or ')}?`);
  lines.push(...columns(matches.slice(0, matchesMax).map(listed)).map((line) => `  ${line}`));
  if (matches.length > matchesMax) lines.push(`  … ${matches.length - matchesMax} more`);
  lines.push(`fix:   ${verb ? (commandFor(verb, meant, matches[0]) ?? fix) : fix}`);
  return `${lines.join('\n')}\n`;
}

function isWord(meant: Named | Word): meant is Word {
  return meant.kind === 'command' || meant.kind === 'flag';
}

function commandFor(verb: string, meant: Named | Word | undefined, match: Named | undefined): string | undefined {
  if (meant && isWord(meant)) return undefined;
  if (meant) return pasted('waybill', verb, shortId(meant.id));
  // A key on several messages names a workflow rather than any one of them.
  if (match?.kind === 'business_key') return pasted('waybill', 'trace', match.id);
  return match && pasted('waybill', verb, match.message_id);
}

function named(meant: Named | Word): string {
  if (isWord(meant)) return meant.kind === 'flag' ? `--${meant.id}` : meant.id;
  const { id, event_type, business_key } = meant;
  const known = [event_type, business_key].filter(Boolean).join(', ');
  return `${shortId(id)}${known === '' ? '' : ` (${known})`}`;
}

/** An ending that fits several is told apart by the whole id, and by whose it is and when it was. */
function listed({ message_id, event_type, tenant_id, at }: Named): string[] {
  const time = at === undefined ? '' : new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  return [message_id, shortName(event_type ?? '-', 17), shortName(tenant_id ?? '-', 9), time];
}
