import type { Job } from './job.ts';
import { makesSpans } from './own-spans.ts';

export type Options = Readonly<Record<string, unknown>>;
export type Handler = (jobs: Job[], ...rest: unknown[]) => Promise<unknown>;

/** What settles jobs says which of them it found in the state for it; older releases only how many. */
export interface CommandAnswer {
  readonly requested: number;
  readonly affected: number;
  readonly settled?: readonly string[];
}

export interface EditAnswer {
  readonly jobs: readonly string[];
  readonly updated: number;
  readonly inserted?: number;
}

/** One job as `flow` takes it. */
export interface FlowJob {
  readonly ref: string;
  readonly name: string;
  readonly data?: unknown;
  readonly options?: Options | null;
  readonly dependsOn?: readonly string[] | null;
}

type Settle = (name: string, id: unknown, data?: unknown, options?: Options) => Promise<CommandAnswer>;
type Withdraw = (name: string, id: unknown, options?: Options) => Promise<CommandAnswer>;
type Edit = (...args: unknown[]) => Promise<EditAnswer>;

/** The library's own methods, in the shapes in which we call them. Early releases of 12 lack the optional ones. */
export interface Boss {
  /** Undefined where it cannot be seen. */
  readonly makesSpans: boolean | undefined;
  send(name: string, data: unknown, options?: Options): Promise<string | null>;
  insert(name: string, jobs: readonly Options[], options?: Options): Promise<string[] | null>;
  publish(event: string, data: unknown, options?: Options): Promise<void>;
  schedule(name: string, cron: unknown, data: unknown, options?: Options): Promise<void>;
  work(name: string, options: Options, handler: Handler): Promise<string>;
  fetch(name: string, options?: Options): Promise<Job[]>;
  readonly complete: Settle;
  readonly fail: Settle;
  readonly cancel: Withdraw;
  readonly deleteJob: Withdraw;
  readonly update?: Edit;
  readonly upsert?: Edit;
  flow?(jobs: readonly FlowJob[], options?: Options): Promise<Readonly<Record<string, string>>>;
  findJobs?(name: string, options: Options): Promise<Job[]>;
  getDependencies?(
    name: string,
    id: string,
    options: Options,
  ): Promise<readonly { readonly name: string; readonly id: string }[]>;
}

const METHODS = [
  'send',
  'insert',
  'publish',
  'schedule',
  'work',
  'fetch',
  'complete',
  'fail',
  'cancel',
  'deleteJob',
  'update',
  'upsert',
  'flow',
  'findJobs',
  'getDependencies',
] as const satisfies readonly Exclude<keyof Boss, 'makesSpans'>[];

/** The methods that an instance has now, bound: kept before they are replaced. */
export function methodsOf(client: object): Boss {
  const methods = client as Readonly<Record<string, unknown>>; // sound: an object may be asked for any name
  const bound = METHODS.flatMap((name) => {
    const method = methods[name];
    return typeof method === 'function' ? [[name, method.bind(client)] as const] : [];
  });
  // Sound: these are the library's own signatures; what an instance lacks is not replaced, so nobody calls it.
  return { ...Object.fromEntries(bound), makesSpans: makesSpans(client) } as unknown as Boss;
}
