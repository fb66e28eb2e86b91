import { ledgerError } from '../errors.ts';
import type { Match } from '../store/store.ts';
import type { Call } from './call.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { failureOf } from './failure.ts';
import type { FlagName } from './flags.ts';
import { instantOf, isRelative, zoneOf } from './instants.ts';
import { type Answer, type Ledger, openLedger } from './ledger.ts';
import { shownDocument } from './shown.ts';
import { idsIn } from './stdin.ts';
import type { Terminal } from './terminal.ts';
import { cleanDocument } from './text/clean.ts';
import { shortId } from './text/ids.ts';

/** What every question takes, whatever it is about. */
export const ANSWER_FLAGS: readonly FlagName[] = [
  ...(['tenant', 'json', 'schema', 'db', 'local', 'quiet', 'no-hints'] as const),
  ...(['color', 'debug', 'help', 'version'] as const),
];

/** What every question about one id takes. */
export const QUESTION_FLAGS: readonly FlagName[] = ['as-of', ...ANSWER_FLAGS];

interface Asked {
  readonly asked: { readonly kind: Match['kind']; readonly id: string; readonly attempt?: number | null };
  readonly message_id?: string;
  readonly event_type?: string | null;
}

/** Puts a question to the ledger, and prints the answer: for people, or with `--json` as it came. */
export async function askQuestion<Data extends Asked>(
  question: string,
  call: Call,
  textOf: (data: Data, asOf: string, terminal: Terminal) => string,
  /** What is done about it, with what code. */
  act?: (ledger: Ledger, data: Data) => Promise<number>,
): Promise<number> {
  const { operands, given, env, terminal } = call;
  const [id, ...more] = operands;
  if (id === undefined || id === '') throw idMissing(question);
  if (more.length > 0) throw ledgerError('ARGUMENT_INVALID', question, 'asked about one id', `${operands.length}`);
  const asOf = given.get('as-of');
  const zone = zoneOf(call);
  // What is wrong with it is said before anybody is asked.
  if (asOf !== undefined) instantOf(asOf, call.now, '--as-of', zone);
  const ledger = await openLedger({ db: given.get('db'), url: env['WAYBILL_URL'], token: env['WAYBILL_TOKEN'] });
  try {
    const now = isRelative(asOf) ? await ledger.now() : call.now;
    const tenant = tenantOf(call);
    const parameters: Record<string, string> = {
      ...(asOf !== undefined && { as_of: instantOf(asOf, now, '--as-of', zone) }),
      ...(tenant !== undefined && { tenant }),
    };
    const isStdin = id === '-';
    const { answer, known } = isStdin
      ? await askStdin<Data>(ledger, question, await call.readStdin(), parameters)
      : { answer: await ledger.ask<Data>(question, { ...parameters, id }), known: 0 };
    const { partial, warnings } = answer.document;
    if (given.has('json')) call.print(`${answer.json.trimEnd()}\n`);
    else {
      const { data, as_of } = shownDocument(answer.document, call);
      const what = whatWasAsked(data);
      if (isStdin) call.print(`stdin: ${known} id${known === 1 ? '' : 's'} known${what ? `, ${what}` : ''}\n\n`);
      else if (data.asked.kind === 'execution' && what) call.print(`${what}\n\n`);
      call.print(textOf(data, as_of, terminal));
    }
    remarkWarnings(warnings, call);
    const code = act === undefined ? 0 : await act(ledger, answer.document.data);
    if (code !== 0) return code;
    return partial ? EXIT_CODES.partial : 0;
  } finally {
    await ledger.close();
  }
}

/** Where there are ids is what one wants to see. */
export function idMissing(question: string): Error {
  const error = ledgerError('ARGUMENT_MISSING', question, 'an id, its ending, a business key or -');
  return Object.assign(error, { fix: 'waybill tail --limit 5' });
}

/** Asks about each id that stdin may name; the first that the ledger knows is answered. */
async function askStdin<Data extends Asked>(
  ledger: Ledger,
  question: string,
  text: string,
  parameters: Readonly<Record<string, string>>,
): Promise<{ answer: Answer<Data>; known: number }> {
  const ids = idsIn(text);
  let answer: Answer<Data> | undefined;
  let known = 0;
  let several: unknown;
  for (const id of ids) {
    try {
      const found = await ledger.ask<Data>(question, { ...parameters, id });
      answer ??= found;
      known++;
    } catch (error) {
      // One that is unknown, or names several things, is no answer; what else goes wrong concerns all of them.
      const { code } = failureOf(error);
      if (!['ID_UNKNOWN', 'ID_AMBIGUOUS', 'ARGUMENT_INVALID'].includes(code)) throw error;
      if (code === 'ID_AMBIGUOUS') several ??= error;
    }
  }
  // A business key of a whole workflow, say: what it names is more help than that it is no answer.
  if (!answer) throw several ?? ledgerError('STDIN_UNKNOWN', String(ids.length));
  return { answer, known };
}

/** "VE95Y9 is attempt 1 of PWASC1": what an id named, when that is not the message itself. */
function whatWasAsked({ asked, message_id, event_type }: Asked): string {
  if (message_id === undefined) return shortId(asked.id);
  const attempt = asked.attempt == null ? 'an execution' : `attempt ${asked.attempt}`;
  if (asked.kind === 'execution') return `${shortId(asked.id)} is ${attempt} of ${shortId(message_id)}`;
  if (asked.id === message_id) return `${shortId(message_id)} is ${event_type ?? 'a message'}`;
  return `${shortId(asked.id)} is the ${asked.kind.replace('_', ' ')} of ${shortId(message_id)}`;
}

/** Who is asked about, if not everybody: a flag wins over the environment. */
export function tenantOf({ given, env }: Call): string | undefined {
  return given.get('tenant') ?? (env['WAYBILL_TENANT'] || undefined);
}

export function remarkWarnings(warnings: readonly unknown[], { remark }: Call): void {
  for (const warning of cleanDocument(warnings)) remark(`warning: ${warningText(warning)}\n`);
}

function warningText(warning: unknown): string {
  if (typeof warning === 'string') return warning;
  const message = typeof warning === 'object' && warning !== null && 'message' in warning ? warning.message : undefined;
  return typeof message === 'string' ? message : JSON.stringify(warning);
}
