import { readFileSync } from 'node:fs';
import { ledgerError } from '../errors.ts';
import type { Call, Verb } from './call.ts';
import { exitCodeOf, type Failure, failureOf, failureText } from './failure.ts';
import { checkFlags, readWords, type Typed } from './flags.ts';
import { stdinLengthMax } from './stdin.ts';
import { nearest, pasted } from './suggestions.ts';
import { terminalOf } from './terminal.ts';
import { clean, cleanDocument } from './text/clean.ts';
import { backup } from './verbs/backup.ts';
import { blast } from './verbs/blast.ts';
import { demo } from './verbs/demo.ts';
import { dev } from './verbs/dev.ts';
import { doctor } from './verbs/doctor.ts';
import { exportFacts } from './verbs/export.ts';
import { failures } from './verbs/failures.ts';
import { forget } from './verbs/forget.ts';
import { gaps } from './verbs/gaps.ts';
import { overview, verbHelp } from './verbs/help.ts';
import { importFacts } from './verbs/import.ts';
import { migrate } from './verbs/migrate.ts';
import { overdue } from './verbs/overdue.ts';
import { queues } from './verbs/queues.ts';
import { replay } from './verbs/replay.ts';
import { restore } from './verbs/restore.ts';
import { serve } from './verbs/serve.ts';
import { tail } from './verbs/tail.ts';
import { trace } from './verbs/trace.ts';
import { why } from './verbs/why.ts';

const VERBS: readonly Verb[] = [
  why,
  trace,
  blast,
  replay,
  gaps,
  overdue,
  failures,
  queues,
  doctor,
  tail,
  demo,
  dev,
  serve,
  exportFacts,
  importFacts,
  backup,
  restore,
  forget,
  migrate,
];

/** Runs one command, and leaves its exit code with the process. */
export async function main(words: readonly string[]): Promise<void> {
  // Whoever reads us may have seen enough: `waybill trace … | head` is no error.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const typed = readWords(words);
  try {
    process.exitCode = await run(typed);
  } catch (error) {
    const verb = VERBS.find(({ name }) => name === typed.verb)?.name;
    const failure = helpOf(failureOf(error), verb);
    const isJson = typed.given.has('json');
    process.stderr.write(isJson ? `${JSON.stringify(errorDocument(failure))}\n` : failureText(failure, verb));
    if (typed.given.has('debug') && error instanceof Error) process.stderr.write(`${stackOf(error)}\n`);
    process.exitCode = exitCodeOf(failure);
  }
}

async function run(typed: Typed): Promise<number> {
  const verb = VERBS.find(({ name }) => name === typed.verb);
  if (typed.verb !== undefined && !verb) throw commandUnknown(typed.verb, typed.operands);
  checkFlags(typed, verb?.flags ?? ['help', 'version', 'debug', 'json']);
  if (typed.given.has('version')) return printed(`${version()}\n`);
  if (!verb) return printed(overview(VERBS));
  if (typed.given.has('help')) return printed(verbHelp(verb));
  // A verb that runs on, as `serve` does, says itself what an interrupt means.
  if (verb.group === 'QUESTIONS') process.once('SIGINT', () => process.exit(130));
  return verb.run(callOf(typed));
}

function callOf(typed: Typed): Call {
  const { stdout, stderr, env } = process;
  const options = { color: typed.given.get('color'), noHints: typed.given.has('no-hints') };
  return {
    ...typed,
    env,
    terminal: terminalOf(stdout, env, options),
    now: Date.now(),
    readStdin,
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
  const [near] = nearest(
    typed,
    VERBS.map(({ name }) => name),
  );
  const error = ledgerError('COMMAND_UNKNOWN', typed);
  return near ? Object.assign(error, { fix: pasted('waybill', near, ...operands) }) : error;
}

async function readStdin(): Promise<string> {
  let text = '';
  process.stdin.setEncoding('utf8');
  for await (const chunk of process.stdin) {
    text += chunk;
    if (text.length > stdinLengthMax) break;
  }
  return text;
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

function printed(text: string): number {
  process.stdout.write(text);
  return 0;
}
