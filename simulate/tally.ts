import { type Faults, simulate } from 'waybill/testing';
import { QUESTIONS } from './score/questions.ts';
import { scoreSums } from './score/time.ts';
import { type Counted, workflowOf } from './score/workflow.ts';

/** How many whole answers are right, where no fact is missing. */
interface Answers {
  right: number;
  total: number;
}

/** How many claims are of each kind, and how many of them are right. */
interface Claims {
  observed: number;
  observedWrong: number;
  inferred: number;
  inferredRight: number;
  unknown: number;
}

export interface Tally {
  readonly answers: Readonly<Record<string, Answers>>;
  readonly claims: Readonly<Record<string, Claims>>;
  /** Places whose parts add up to the wall time exactly. */
  readonly sums: Answers;
  /** The first of what was wrong, by question. */
  readonly wrong: Readonly<Record<string, string[]>>;
}

const WRONG_SHOWN_MAX = 20;

/** Asks every question of `workflows` simulated workflows, and holds each answer against what happened. */
export function tally(seed: number, workflows: number, faults: Faults | undefined): Tally {
  const each = <T>(make: () => T): Record<string, T> =>
    Object.fromEntries(Object.keys(QUESTIONS).map((question) => [question, make()]));
  const sums: Answers = { right: 0, total: 0 };
  const result = {
    answers: each((): Answers => ({ right: 0, total: 0 })),
    claims: each((): Claims => ({ observed: 0, observedWrong: 0, inferred: 0, inferredRight: 0, unknown: 0 })),
    wrong: each((): string[] => []),
    sums,
  };
  let counted: Counted = { seen: 0, missing: 0 };
  for (let index = 0; index < workflows; index++) {
    const { facts, truth } = simulate(faults === undefined ? { seed, index } : { seed, index, faults });
    const workflow = workflowOf(facts, truth, counted);
    counted = workflow.counted;
    for (const [question, score] of Object.entries(QUESTIONS)) {
      const { right, total, wrong, claims } = score(workflow);
      const [answers, counts, shown] = [result.answers[question], result.claims[question], result.wrong[question]];
      if (answers === undefined || counts === undefined || shown === undefined) continue; // made for every question
      answers.right += right;
      answers.total += total;
      const said = faults === undefined ? wrong : claims.filter(isMistake).sort(observedFirst).map(aboutOf);
      for (const about of said) if (shown.length < WRONG_SHOWN_MAX) shown.push(`workflow ${index}: ${about}`);
      for (const claim of claims) count(counts, claim);
    }
    const exact = scoreSums(workflow);
    sums.right += exact.right;
    sums.total += exact.total;
  }
  return result;
}

type ScoredClaim = ReturnType<NonNullable<(typeof QUESTIONS)[string]>>['claims'][number];

function isMistake({ evidence, isRight }: ScoredClaim): boolean {
  return !isRight && evidence !== 'unknown';
}

function observedFirst(one: ScoredClaim, other: ScoredClaim): number {
  return Number(other.evidence === 'observed') - Number(one.evidence === 'observed');
}

function aboutOf({ evidence, about }: ScoredClaim): string {
  return `${evidence}: ${about}`;
}

function count(counts: Claims, { evidence, isRight }: ScoredClaim): void {
  counts[evidence]++;
  if (evidence === 'observed' && !isRight) counts.observedWrong++;
  if (evidence === 'inferred' && isRight) counts.inferredRight++;
}

/** All questions together. */
export function summed(claims: Tally['claims']): Claims {
  const sum = (field: keyof Claims) => Object.values(claims).reduce((total, counts) => total + counts[field], 0);
  return {
    observed: sum('observed'),
    observedWrong: sum('observedWrong'),
    inferred: sum('inferred'),
    inferredRight: sum('inferredRight'),
    unknown: sum('unknown'),
  };
}
