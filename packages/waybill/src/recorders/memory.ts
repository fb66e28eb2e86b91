import type { Fact, Recorder } from '../core/facts.ts';

export interface MemoryRecorder extends Recorder {
  /** What was recorded, oldest first. */
  readonly facts: readonly Fact[];
  clear(): void;
}

/** Keeps facts in memory, all of them: for tests. */
export function memoryRecorder(): MemoryRecorder {
  const facts: Fact[] = [];
  return {
    facts,
    record: (fact) => void facts.push(fact),
    clear: () => void facts.splice(0),
  };
}
