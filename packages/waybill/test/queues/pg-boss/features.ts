import { editing } from './edit.ts';
import { fetching } from './fetch.ts';
import { flows } from './flow.ts';
import { probing } from './probe.ts';
import { scheduling } from './schedule.ts';
import { publishing } from './send.ts';
import type { Stage } from './stage.ts';
import { working } from './work.ts';

/** What is special to pg-boss, for each database that it is tested on. */
export const FEATURES: Readonly<Record<string, (stage: Stage) => void>> = {
  publishing,
  scheduling,
  flows,
  editing,
  fetching,
  working,
  probing,
};
