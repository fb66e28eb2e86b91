import { EXIT_CODES } from '../../packages/ledger/src/cli/exit-codes.ts';
import { FLAGS, type FlagName } from '../../packages/ledger/src/cli/flags.ts';
import { VERBS } from '../../packages/ledger/src/cli/verbs.ts';

/** docs/cli.md: every verb and every flag, as help has them. */
export function cliPage(): string {
  const groups = { QUESTIONS: 'Questions', LEDGER: 'The ledger' } as const;
  const verbs = Object.entries(groups).map(([group, title]) => {
    const rows = VERBS.filter((verb) => verb.group === group).map(({ name, operands, says, flags }) => {
      const own = flags.filter((flag) => !isOfMany(flag)).map((flag) => `\`--${flag}\``);
      return `| \`${`${name} ${operands}`.trim()}\` | ${says} | ${own.join(' ')} |\n`;
    });
    return `## ${title}\n\n| verb | what | flags of its own |\n|---|---|---|\n${rows.join('')}`;
  });
  const flags = Object.entries(FLAGS).map(([name, flag]) => {
    const value = 'value' in flag ? ` ${flag.value}` : '';
    // Sound: the keys of a constant are its names.
    return `| \`--${name}${value}\` | ${flag.says} | ${takenBy(name as FlagName)} |\n`;
  });
  return `# What does \`waybill\` take?

An \`<id>\` is a whole id, an ending of it of 4 or more characters, a business key, or \`-\`: then ids are picked out of what is pasted to stdin, a log line or a stack trace. Times are \`14:02\`, \`2h\` ago or RFC 3339, in UTC and by the clock of the ledger. Without \`--db\` a question goes to \`WAYBILL_URL\` (http://127.0.0.1:7733), with \`WAYBILL_TOKEN\`. Answers go to stdout, everything else to stderr. This page is made from the sources: \`npm run generate\`.

${verbs.join('\n')}
\`source <(waybill completion bash)\` completes all of them.

## Flags

| flag | what | of |
|---|---|---|
${flags.join('')}
## Exit codes

| code | what |
|---|---|
| 0 | answered; an empty list is an answer |
| 1 | something failed |
| 2 | wrong usage |
| 3 | the id is not known |
| 4 | the id fits several |
| 5 | the ledger cannot be reached or opened |
| 6 | not allowed |
| ${EXIT_CODES.partial} | answered or done, yet not with all there was to it |
| 8 | the ledger, or its answer, is of a newer version |
| ${EXIT_CODES.found} | \`--check\` has found something |
| 130 | interrupted |

\`waybill dev\` ends with the exit code of its command.
`;
}

/** More than a third of all verbs have it. */
function isOfMany(flag: FlagName): boolean {
  return VERBS.filter(({ flags }) => flags.includes(flag)).length > VERBS.length / 3;
}

function takenBy(flag: FlagName): string {
  const names = VERBS.filter(({ flags }) => flags.includes(flag)).map(({ name }) => `\`${name}\``);
  return names.length === VERBS.length ? 'all' : names.join(' ');
}
