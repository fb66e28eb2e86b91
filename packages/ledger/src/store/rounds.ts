import type { FactReader } from './store.ts';

/** What a question is answered from, when that has to be fetched. */
export interface Fetched<Want> {
  /** Answers from what is at hand; what is not, it tells `want`, and goes on as if there were nothing of it. */
  reader(want: (key: string, wanted: Want) => void): FactReader;
  fetch(wanted: readonly Want[]): Promise<void>;
}

/** A chain of causes through as many workflows takes as many rounds, and a question follows no longer one. */
const roundsMax = 1_100;

/**
 * Answers a question from look-ups that take time: runs it, fetches all that it lacked at once, and runs it again, until
 * nothing is lacking. A run goes on beyond what it lacks, because what it will ask besides comes with the same fetch; what
 * such a run says, or throws, is nobody's answer.
 */
export async function readInRounds<Answer, Want>(
  question: (reader: FactReader) => Answer,
  { reader, fetch }: Fetched<Want>,
): Promise<Answer> {
  const fetched = new Set<string>();
  for (let round = 0; round < roundsMax; round++) {
    const wanted = new Map<string, Want>();
    const told = attempt(() => question(reader((key, each) => void wanted.set(key, each))));
    if (wanted.size === 0) return told();
    // A look-up that is still lacking after it was fetched would be fetched for ever.
    for (const key of wanted.keys()) {
      if (fetched.has(key)) throw new Error(`a look-up was fetched, and is not at hand: ${key.slice(0, 200)}`);
      fetched.add(key);
    }
    await fetch([...wanted.values()]);
  }
  throw new Error(`a question asked for more after ${roundsMax} rounds`);
}

/** What it gave or threw, to be told once it is known to count. */
function attempt<Answer>(run: () => Answer): () => Answer {
  try {
    const answer = run();
    return () => answer;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
