import { perform } from '../../src/cli/perform.ts';
import type { Ended } from './command.ts';

interface Given {
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: string;
  /** Whether answers go to a terminal. */
  readonly isTTY?: boolean;
}

/** A command as `waybill` runs it, in this process: for what needs no signals, and no streams of its own. */
export async function performed(
  words: readonly string[],
  { env = {}, stdin = '', isTTY = false }: Given = {},
): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  const writing = (name: keyof typeof said) => ({
    isTTY,
    write: (text: string) => {
      said[name] += text;
    },
  });
  const code = await perform(words, {
    // Nobody listens there.
    env: { WAYBILL_URL: 'http://127.0.0.1:40009', ...env },
    stdout: writing('stdout'),
    stderr: writing('stderr'),
    readStdin: async () => stdin,
  });
  return { code, ...said };
}
