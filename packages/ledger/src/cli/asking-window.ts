import { ANSWER_FLAGS, remarkWarnings, tenantOf } from './asking.ts';
import type { Call } from './call.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { FlagName } from './flags.ts';
import { instantOf, isRelative, zoneOf } from './instants.ts';
import { type Answer, type Ledger, openLedger } from './ledger.ts';
import { shownDocument } from './shown.ts';
import type { Terminal } from './terminal.ts';
import { cleanJson } from './text/clean.ts';

/** What every question about a stretch of time takes. */
export const WINDOW_FLAGS: readonly FlagName[] = [...(['since', 'until', 'as-of', 'limit'] as const), ...ANSWER_FLAGS];

/** Those that look for something amiss can be asked by a script. */
export const CHECK_FLAGS: readonly FlagName[] = ['check', ...WINDOW_FLAGS];

interface WindowPage<Data> {
  readonly textOf: (data: Data, asOf: string, terminal: Terminal) => string;
  /** Whether something was found: what `--check` exits for. */
  readonly isFound?: (data: Data) => boolean;
  /** Also where nobody said `--check`. */
  readonly alwaysChecks?: boolean;
  /** What `--json` prints on a line each, where that is not the whole document. */
  readonly itemsOf?: (data: Data) => readonly object[];
  /** What is done after it, before the ledger is let go. */
  readonly goOn?: (asked: AskedWindow<Data>) => Promise<void>;
}

interface AskedWindow<Data> {
  readonly ledger: Ledger;
  readonly parameters: Readonly<Record<string, string>>;
  readonly document: Answer<Data>['document'];
}

/** Puts a question about a stretch of time to the ledger, and prints the answer. */
export async function askWindow<Data>(
  question: string,
  call: Call,
  page: WindowPage<Data>,
  more: Readonly<Record<string, string>> = {},
): Promise<number> {
  const { given, env, terminal } = call;
  // What is wrong with them is said before anybody is asked.
  const ownParameters = windowParameters(call);
  const ledger = await openLedger({ db: given.get('db'), url: env['WAYBILL_URL'], token: env['WAYBILL_TOKEN'] });
  try {
    const isByClock = (['as-of', 'since', 'until'] as const).some((name) => isRelative(given.get(name)));
    const timed = isByClock ? windowParameters({ ...call, now: await ledger.now() }) : ownParameters;
    const parameters = { ...timed, ...more };
    const { document, json } = await ledger.ask<Data>(question, parameters);
    if (given.has('json')) call.print(page.itemsOf ? jsonLines(page.itemsOf(document.data)) : `${json.trimEnd()}\n`);
    else {
      const { data, as_of } = shownDocument(document, call);
      call.print(page.textOf(data, as_of, terminal));
    }
    remarkWarnings(document.warnings, call);
    await page.goOn?.({ ledger, parameters, document });
    if ((given.has('check') || page.alwaysChecks) && page.isFound?.(document.data)) return EXIT_CODES.found;
    return document.partial ? EXIT_CODES.partial : 0;
  } finally {
    await ledger.close();
  }
}

export function jsonLines(items: readonly object[]): string {
  return items.map((item) => `${cleanJson(JSON.stringify(item))}\n`).join('');
}

/** A time of day is one before as-of: `--since 14:50 --as-of yesterday` is of yesterday. */
function windowParameters(call: Call): Record<string, string> {
  const { given, now } = call;
  const zone = zoneOf(call);
  const parameters: Record<string, string> = {};
  const asOf = given.get('as-of');
  if (asOf !== undefined) parameters['as_of'] = instantOf(asOf, now, '--as-of', zone);
  const end = parameters['as_of'] === undefined ? now : Date.parse(parameters['as_of']);
  for (const name of ['since', 'until'] as const) {
    const text = given.get(name);
    if (text !== undefined) parameters[name] = instantOf(text, end, `--${name}`, zone);
  }
  const tenant = tenantOf(call);
  if (tenant !== undefined) parameters['tenant'] = tenant;
  const limit = given.get('limit');
  if (limit !== undefined) parameters['limit'] = limit;
  return parameters;
}
