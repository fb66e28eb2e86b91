import { readFileSync } from 'node:fs';
import { ledgerError } from '../errors.ts';
import type { Call } from './call.ts';
import { exitCodeOf, type Failure, failureOf, failureText } from './failure.ts';
import { checkFlags, readWords, type Typed } from './flags.ts';
import { nearest, pasted } from './suggestions.ts';
import { terminalOf } from './terminal.ts';
import { clean, cleanDocument } from './text/clean.ts';
import { overview, verbHelp } from './verbs/help.ts';
import { VERBS } from './verbs.ts';

/** Where a command runs. */
interface Around {
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly readStdin: () => Promise<string>;
  /** Told that from now on an interrupt ends the command at once. */
  readonly onInterruptible?: () => void;
}

interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Runs one command, and resolves to its exit code. What is wrong is said, and never thrown. */
export async function perform(words: readonly string[], around: Around): Promise<number> {
  const typed = readWords(words);
  const { stderr } = around;
  try {
    return await run(typed, around);
  } catch (error) {
    const verb = VERBS.find(({ name }) => name === typed.verb)?.name;
    const failure = helpOf(failureOf(error), verb);
    const isJson = typed.given.has('json');
    stderr.write(isJson ? `${JSON.stringify(errorDocument(failure))}\n` : failureText(failure, verb));
    if (typed.given.has('debug') && error instanceof Error) stderr.write(`${stackOf(error)}\n`);
    return exitCodeOf(failure);
  }
}

async function run(typed: Typed, around: Around): Promise<number> {
  const verb = VERBS.find(({ name }) => name === typed.verb);
  if (typed.verb !== undefined && !verb) throw commandUnknown(typed.verb, typed.operands);
  checkFlags(typed, verb?.flags ?? ['help', 'version', 'debug', 'json']);
  const print = (text: string) => {
    around.stdout.write(text);
    return 0;
  };
  if (typed.given.has('version')) return print(`${version()}\n`);
  if (!verb) return print(overview(VERBS));
  if (typed.given.has('help')) return print(verbHelp(verb));
  // A verb that runs on, as `serve` does, says itself what an interrupt means.
  if (verb.group === 'QUESTIONS') around.onInterruptible?.();
  return verb.run(callOf(typed, around));
}

function callOf(typed: Typed, { env, stdout, stderr, readStdin }: Around): Call {
  const options = { color: typed.given.get('color'), noHints: typed.given.has('no-hints') };
  return {
    ...typed,
    ...{ env, readStdin },
    terminal: terminalOf(stdout, env, options),
    now: Date.now(),
    print: (text) => stdout.write(text),
    remark: typed.given.has('quiet') ? () => {} : (text) => stderr.write(text),
  };
}

/** The API does not know which verb asked, and names the help of `why`. */
function helpOf(failure: Failure, verb: string | undefined): Failure {
  return verb && failure.fix === 'waybill why --help'
    ? { ...failure, fix: pasted('waybill', verb, '--help') }
    : failure;
}

function commandUnknown(typed: string, operands: readonly string[]): Error {
  const near = nearest(
    typed,
    VERBS.map(({ name }) => name),
  );
  const error = ledgerError('COMMAND_UNKNOWN', typed);
  const [first] = near;
  if (first === undefined) return error;
  const details = { did_you_mean: near.map((id) => ({ kind: 'command', id })) };
  return Object.assign(error, { fix: pasted('waybill', first, ...operands), details });
}

function errorDocument(failure: Failure): object {
  const { status: _, ...document } = cleanDocument(failure);
  return { schema: 'waybill.error/1', ...document };
}

function stackOf(error: Error): string {
  // What somebody else's code threw is what its author looks for.
  const cause = error.cause instanceof Error ? `\n${error.cause.stack}` : '';
  return `${error.stack ?? ''}${cause}`.split('\n').map(clean).join('\n');
}

function version(): string {
  // The same path from src and from dist.
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}
