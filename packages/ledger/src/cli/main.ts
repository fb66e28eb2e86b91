import { perform } from './perform.ts';
import { stdinLengthMax } from './stdin.ts';

/** Runs one command, and leaves its exit code with the process. */
export async function main(words: readonly string[]): Promise<void> {
  const { stdout, stderr, env } = process;
  // Whoever reads us may have seen enough: `waybill trace … | head` is no error.
  for (const stream of [stdout, stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const onInterruptible = () => process.once('SIGINT', () => process.exit(130));
  process.exitCode = await perform(words, { env, stdout, stderr, readStdin, onInterruptible });
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
