import type { FlagName, Typed } from './flags.ts';
import type { Terminal } from './terminal.ts';

/** What a verb is run with: the words that were typed, and where it reads and writes. */
export interface Call extends Typed {
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  readonly now: number;
  readonly readStdin: () => Promise<string>;
  readonly print: (text: string) => void;
  /** To stderr: progress, warnings. */
  readonly remark: (text: string) => void;
}

/** A word of the command line: one file each in `verbs/`. */
export interface Verb {
  readonly name: string;
  /** The operands, as help shows them. */
  readonly operands: string;
  readonly group: 'QUESTIONS' | 'LEDGER';
  /** The question that it answers, or what it does: one line. */
  readonly says: string;
  readonly flags: readonly FlagName[];
  readonly examples: readonly (readonly [command: string, says: string])[];
  /** Resolves to the exit code. All verbs are loaded for one, so what only this one needs it imports here. */
  readonly run: (call: Call) => Promise<number>;
}
