import { after } from 'node:test';
import { type Engine, startEngine } from './engine.ts';

let running: Promise<Engine> | undefined;
after(async () => (await running)?.stop());

/** One for all tests of a file: started for the first that asks, it ends with the last. */
export function sharedEngine(): Promise<Engine> {
  running ??= startEngine();
  return running;
}
