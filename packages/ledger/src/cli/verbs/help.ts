import type { Verb } from '../call.ts';
import { FLAGS, type FlagName } from '../flags.ts';
import { columns, fill } from '../text/lines.ts';

/** What the command line can be asked, by question. */
export function overview(verbs: readonly Verb[]): string {
  const groups = ['QUESTIONS', 'LEDGER'] as const;
  const width = Math.max(...verbs.map(({ name, operands }) => `${name} ${operands}`.length));
  const listed = groups.flatMap((group) => [
    '',
    group,
    ...verbs
      .filter((verb) => verb.group === group)
      .map(({ name, operands, says }) => `  ${`${name} ${operands}`.padEnd(width)}  ${says}`),
  ]);
  return `${[
    'Waybill: which request created this job, and where did its time go?',
    ...listed,
    '',
    '<id> is a whole id, an ending of 4 or more characters, a business key, or -',
    'to read a log line or stack trace from stdin.',
    '',
    'waybill <verb> --help says more.',
  ].join('\n')}\n`;
}

/** One verb, on one screen. */
export function verbHelp({ name, operands, group, says, flags, examples }: Verb): string {
  const usage = ['waybill', name, operands, '[flags]'].filter((word) => word !== '').join(' ');
  const rows = flags.filter((flag) => !BESIDE.has(flag)).map((flag) => [flagUsage(flag), FLAGS[flag].says]);
  const beside = flags.filter((flag) => BESIDE.has(flag)).map(flagUsage);
  const reads =
    group !== 'QUESTIONS'
      ? []
      : ['', 'ENVIRONMENT', '  WAYBILL_URL (http://127.0.0.1:7733), WAYBILL_TOKEN, WAYBILL_TENANT'];
  return `${[
    usage,
    `  ${says}`,
    '',
    'FLAGS',
    ...columns(rows).map((line) => `  ${line}`),
    ...fill(
      ['and', ...beside.map((usage, index) => (index < beside.length - 1 ? `${usage},` : usage))],
      ' ',
      76,
      '    ',
    ).map((line, index) => (index === 0 ? `  ${line}` : line)),
    ...reads,
    '',
    'EXAMPLES',
    ...columns(examples.map((example) => [...example])).map((line) => `  ${line}`),
  ].join('\n')}\n`;
}

/** What nearly every verb takes: named on its page, and told of in docs/cli.md, so that a page fits a screen. */
const BESIDE: ReadonlySet<FlagName> = new Set([
  ...(['schema', 'local', 'quiet', 'no-hints', 'color', 'debug', 'help', 'version'] as const),
]);

function flagUsage(name: FlagName): string {
  const flag = FLAGS[name];
  return 'value' in flag ? `--${name} ${flag.value}` : `--${name}`;
}
