import type { ChildProcess } from 'node:child_process';

/** The address that it prints; what it says instead, where it does not begin. */
export function urlOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (part: string) => {
        said = `${said}${part}`.slice(-2_000);
        const url = /^Ledger {2}(http:\S+)/m.exec(said)?.[1];
        if (url !== undefined) resolve(url);
      });
    child.once('close', () => reject(new Error(said)));
  });
}
