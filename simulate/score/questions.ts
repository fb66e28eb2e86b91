import { scoreBlast } from './blast.ts';
import type { Score } from './claim.ts';
import { scoreFailures } from './failures.ts';
import { scoreGaps } from './gaps.ts';
import { scoreOverdue } from './overdue.ts';
import { scoreRun } from './run.ts';
import { scoreTime } from './time.ts';
import { scoreWhy } from './why.ts';
import type { Workflow } from './workflow.ts';

/** The seven questions, in the words of their routes. */
export const QUESTIONS: Readonly<Record<string, (workflow: Workflow) => Score>> = {
  why: scoreWhy,
  time: scoreTime,
  run: scoreRun,
  blast: scoreBlast,
  gaps: scoreGaps,
  overdue: scoreOverdue,
  failures: scoreFailures,
};
