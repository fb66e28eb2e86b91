import type { Call } from './call.ts';

const everyMs = 1_000;

/** Tells on a terminal how far a long work has come, at most once a second; what is short says nothing. */
export function progressOf({ remark }: Call, noun: string, isTerminal = process.stderr.isTTY): (count: number) => void {
  if (!isTerminal) return () => {};
  let toldAt = performance.now();
  return (count) => {
    const now = performance.now();
    if (now - toldAt < everyMs) return;
    toldAt = now;
    remark(`${count} ${noun}\n`);
  };
}
