import type { Verb } from './call.ts';
import { backup } from './verbs/backup.ts';
import { blast } from './verbs/blast.ts';
import { completionOf } from './verbs/completion.ts';
import { demo } from './verbs/demo.ts';
import { dev } from './verbs/dev.ts';
import { doctor } from './verbs/doctor.ts';
import { exportFacts } from './verbs/export.ts';
import { failures } from './verbs/failures.ts';
import { forget } from './verbs/forget.ts';
import { gaps } from './verbs/gaps.ts';
import { importFacts } from './verbs/import.ts';
import { migrate } from './verbs/migrate.ts';
import { overdue } from './verbs/overdue.ts';
import { queues } from './verbs/queues.ts';
import { replay } from './verbs/replay.ts';
import { restore } from './verbs/restore.ts';
import { search } from './verbs/search.ts';
import { serve } from './verbs/serve.ts';
import { tail } from './verbs/tail.ts';
import { trace } from './verbs/trace.ts';
import { why } from './verbs/why.ts';

/** Every word of the command line, in the order in which help lists them. */
export const VERBS: readonly Verb[] = [
  why,
  trace,
  blast,
  replay,
  gaps,
  overdue,
  failures,
  queues,
  doctor,
  search,
  tail,
  demo,
  dev,
  serve,
  exportFacts,
  importFacts,
  backup,
  restore,
  forget,
  migrate,
  completionOf(() => VERBS),
];
