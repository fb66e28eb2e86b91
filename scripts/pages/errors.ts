import { ERRORS as LEDGER_ERRORS } from '../../packages/ledger/src/errors.ts';
import { ERRORS as LIBRARY_ERRORS } from '../../packages/waybill/src/core/errors.ts';

/** What both registries say of one error. */
interface ErrorEntry {
  readonly message: (...details: string[]) => string;
  readonly fix: string;
  readonly status?: number;
}

/** docs/errors.md: every code of both packages, with what it says and how to mend it. */
export function errorsPage(): string {
  return `# What does this error mean?

Every error has a code, which never changes its meaning, and says how to mend what is wrong. Callers branch on \`error.code\`. Words in *italics* are filled in. This page is made from the sources: \`npm run generate\`.

## Of the library

Raised for a mistake in options, when an instance or an adapter is made. At run time nothing of the library throws: missing or broken context is recorded as a gap.

${table(LIBRARY_ERRORS)}
## Of the ledger and the command line

Where an answer of the HTTP API has a status, it stands beside the code.

${table(LEDGER_ERRORS)}`;
}

function table(errors: Readonly<Record<string, ErrorEntry>>): string {
  const rows = Object.entries(errors)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([code, entry]) => `| ${codeOf(code, entry)} | ${cell(messageOf(entry))} | ${cell(entry.fix)} |\n`);
  return `| code | message | what to do |\n|---|---|---|\n${rows.join('')}`;
}

function codeOf(code: string, { status }: ErrorEntry): string {
  return status === undefined ? `\`${code}\`` : `\`${code}\` ${status}`;
}

/** The message with the names of its details in their places. */
function messageOf({ message }: ErrorEntry): string {
  const [parameters = ''] = /\(([^)]*)\)\s*=>/.exec(String(message))?.slice(1) ?? [];
  const names = parameters.split(',').flatMap((parameter) => /\w+/.exec(parameter)?.[0] ?? []);
  return message(...names.map((name) => `*${name}*`));
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
