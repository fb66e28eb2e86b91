import type { Evidence } from '@waybill/ledger';

/** One thing that an answer says, and whether it is so. */
export interface ScoredClaim {
  readonly evidence: Evidence;
  readonly isRight: boolean;
  /** What was said and what was so, for whoever looks into a wrong one. */
  readonly about: string;
}

/** What one question gets of one workflow. */
export interface Score {
  /** Whole answers, where all can be known: an answer is right only as a whole. */
  readonly right: number;
  readonly total: number;
  /** Which of them were not, in words. */
  readonly wrong: readonly string[];
  /** Single claims, where facts are missing. What is true and was not said is `unknown`. */
  readonly claims: readonly ScoredClaim[];
}

/** Collects answers and claims of one question. */
export class Scoring implements Score {
  right = 0;
  total = 0;
  readonly wrong: string[] = [];
  readonly claims: ScoredClaim[] = [];

  /** A whole answer. `said` and `truth` are compared as text. */
  answer(about: string, said: unknown, truth: unknown): void {
    this.total++;
    const [saidText, truthText] = [JSON.stringify(said), JSON.stringify(truth)];
    if (saidText === truthText) this.right++;
    else this.wrong.push(`${about}: said ${saidText}, and it was ${truthText}`);
  }

  claim(evidence: Evidence, isRight: boolean, about: string): void {
    this.claims.push({ evidence, isRight, about });
  }

  /** True, and not said. */
  unsaid(about: string): void {
    this.claim('unknown', false, `not said: ${about}`);
  }
}
