import { isLedgerError, ledgerError } from '../../errors.ts';
import { type Appended, type FactSource, factsIn } from '../store.ts';
import type { Appending } from './append.ts';
import { reasonOf } from './connection.ts';

/** Writes one after another: what comes meanwhile joins the next group, because an insert costs the same for one and many. */
export interface Writing {
  append(source: FactSource): Promise<Appended>;
  /** Runs what reads and writes while nothing else is written; `rows` is about how many it writes. */
  alone<Result>(rows: number, work: () => Promise<Result>): Promise<Result>;
  /** Groups that are acknowledged, and the rows of all of them. */
  done(): { readonly groups: number; readonly rows: number };
  /** Resolves when all that was to be written is; more is refused. */
  close(): Promise<void>;
}

interface Waiting {
  readonly rows: number;
  /** Facts, which are written with others; or what is done alone. */
  readonly what: ReturnType<Appending['prepare']> | (() => Promise<unknown>);
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

const groupRowsMax = 20_000;
/** Whoever sends more than this while ClickHouse is slow or away is told to come again. */
const waitingRowsMax = 100_000;

/** Every insert makes files that ClickHouse has to merge: it wants few and large ones, and `everyMs` is how few. */
export function openWriting(appending: Appending, everyMs: number): Writing {
  const waiting: Waiting[] = [];
  let waitingRows = 0;
  let running: Promise<void> | undefined;
  let isClosed = false;
  let [groups, rowsDone] = [0, 0];

  function enqueue<Result>(rows: number, what: Waiting['what']): Promise<Result> {
    if (isClosed) return Promise.reject(ledgerError('LEDGER_CLOSED'));
    if (waitingRows + rows > waitingRowsMax && waitingRows > 0)
      return Promise.reject(ledgerError('LEDGER_UNWRITABLE', `${waitingRows} rows wait for ClickHouse already`));
    waitingRows += rows;
    return new Promise<Result>((resolve, reject) => {
      waiting.push({ rows, what, resolve, reject });
      running ??= run();
    });
  }

  async function run(): Promise<void> {
    // One turn of the event loop: requests that are being read now join the group.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const began = performance.now();
      const group = nextGroup();
      await write(group);
      for (const { rows } of group) waitingRows -= rows;
      const restMs = everyMs - (performance.now() - began);
      if (restMs > 0 && !isClosed) await new Promise((resolve) => setTimeout(resolve, restMs));
    }
    running = undefined;
  }

  function nextGroup(): Waiting[] {
    let [rows, count] = [0, 0];
    for (const each of waiting) {
      if (rows >= groupRowsMax || (typeof each.what === 'function' && count > 0)) break;
      rows += each.rows;
      count++;
      if (typeof each.what === 'function') break;
    }
    return waiting.splice(0, count);
  }

  async function write(group: readonly Waiting[]): Promise<void> {
    try {
      const results = await resultsOf(group);
      groups++;
      for (const [place, { rows, resolve }] of group.entries()) {
        rowsDone += rows;
        // Sound: there is a result for each, of the kind that it asked for.
        resolve(results[place] as never);
      }
    } catch (error) {
      // What ClickHouse may have written of it all the same is known as repeated when it comes again.
      for (const { reject } of group) reject(unwritable(error));
    }
  }

  async function resultsOf(group: readonly Waiting[]): Promise<readonly unknown[]> {
    const [first] = group;
    if (typeof first?.what === 'function') return [await first.what()];
    return appending.write(group.map(({ what }) => (typeof what === 'function' ? [] : what)));
  }

  return {
    async append(source) {
      const facts = factsIn(source);
      if (facts.length === 0) return { stored: 0, repeated: 0 };
      try {
        return await enqueue<Appended>(facts.length, appending.prepare(facts));
      } catch (error) {
        throw unwritable(error);
      }
    },
    alone: (rows, work) => enqueue(rows, work),
    done: () => ({ groups, rows: rowsDone }),
    async close() {
      isClosed = true;
      await running;
    },
  };
}

function unwritable(error: unknown): Error {
  if (isLedgerError(error) && error.code !== 'STORE_UNREACHABLE') return error;
  return Object.assign(ledgerError('LEDGER_UNWRITABLE', reasonOf(error)), { cause: error });
}
