import type { ArrivedSpan, KeptSpan, Look, SpanShelf } from '../store.ts';
import type { Connection } from './connection.ts';
import { rowsOfEach } from './slices.ts';
import type { Writing } from './writing.ts';

/** A trace of so many spans is looked at a second later than a small one. */
const spansPerSecond = 10_000;

interface TraceState {
  readonly lastAt: number;
  readonly lookAt: number | null;
}

/** A trace's state is a row of which the newest counts; how many spans it has is counted, because each came by itself. */
export function openSpanShelf(connection: Connection, deleteFrom: DeleteFrom, { alone }: Writing): SpanShelf {
  const { rows, insert } = connection;
  let version = 0;
  const nextVersion = () => {
    version = Math.max(version + 1, Date.now() * 1_000);
    return version;
  };
  const writeTraces = (states: readonly (readonly [traceId: string, TraceState])[]) =>
    insert(
      'span_traces',
      states.map(([traceId, { lastAt, lookAt }]) => [traceId, nextVersion(), lastAt, lookAt]),
    );

  async function keep(spans: readonly KeptSpan[], arrivedAt: number, lookAt: number): Promise<void> {
    const traces = [...new Set(spans.map(({ trace_id }) => trace_id))];
    const known = new Set((await rowsOfEach(rows, KNOWN, 'traces', traces)).map((cells) => cells.join('\n')));
    const added = new Map(spans.toReversed().map((span) => [`${span.trace_id}\n${span.span_id}`, span]));
    for (const pair of known) added.delete(pair);
    if (added.size === 0) return;
    const states = await statesOf(rows, traces);
    const counts = await countsOf(rows, traces);
    const grown = new Map<string, number>();
    for (const { trace_id } of added.values()) grown.set(trace_id, (grown.get(trace_id) ?? 0) + 1);
    await insert(
      'spans',
      [...added.values()].map(({ trace_id, span_id, text }) => [trace_id, span_id, arrivedAt, text]),
    );
    await writeTraces(
      [...grown].map(([traceId]) => {
        const state = states.get(traceId);
        const laterMs = Math.trunc(((counts.get(traceId) ?? 0) * 1_000) / spansPerSecond);
        const next = Math.min(state?.lookAt ?? Number.MAX_SAFE_INTEGER, lookAt + laterMs);
        return [traceId, { lastAt: Math.max(state?.lastAt ?? arrivedAt, arrivedAt), lookAt: next }];
      }),
    );
  }

  async function looked(looks: readonly Look[]): Promise<void> {
    const traces = looks.map(({ trace_id }) => trace_id);
    const [states, counts] = [await statesOf(rows, traces), await countsOf(rows, traces)];
    await writeTraces(
      looks.flatMap(({ trace_id, seen, next_at }) => {
        const state = states.get(trace_id);
        // More have come since: they are looked at when they were to be.
        if (state === undefined || counts.get(trace_id) !== seen) return [];
        return [[trace_id, { ...state, lookAt: next_at }] as const];
      }),
    );
  }

  const idsOf = async (statement: string, parameters: Readonly<Record<string, unknown>>) =>
    (await rows(statement, parameters)).map(([id]) => String(id));
  return {
    keep: (spans, arrivedAt, lookAt) => alone(spans.length, () => keep(spans, arrivedAt, lookAt)),
    due: (now, limit) => idsOf(DUE, { now, limit }),
    async of(traceId) {
      const found = await rows(SPANS, { trace: traceId });
      return found.map(([at, text]): ArrivedSpan => ({ arrived_at: Number(at), text: String(text) }));
    },
    looked: (looks) => alone(looks.length, () => looked(looks)),
    count: async () => Number((await rows(COUNT))[0]?.[0]),
    async dueSince() {
      const [[at] = [null]] = await rows(DUE_SINCE);
      return at === null ? null : Number(at);
    },
    async letGo(before, limit) {
      const old = await idsOf(OLD, { before, limit });
      if (old.length === 0) return;
      await alone(old.length, async () => {
        // A span may have come meanwhile.
        const traces = await idsOf(STILL_OLD, { traces: old, before });
        if (traces.length > 0) await forgetTraces(deleteFrom, traces);
      });
    },
  };
}

/** Deletes rows, and resolves when no question finds them any more. */
export type DeleteFrom = (
  table: string,
  condition: string,
  parameters: Readonly<Record<string, unknown>>,
) => Promise<void>;

export async function forgetTraces(deleteFrom: DeleteFrom, traces: readonly string[]): Promise<void> {
  await deleteFrom('spans', 'trace_id IN {traces:Array(String)}', { traces });
  await deleteFrom('span_traces', 'trace_id IN {traces:Array(String)}', { traces });
}

async function statesOf(rows: Connection['rows'], traces: readonly string[]): Promise<Map<string, TraceState>> {
  const found = await rowsOfEach(rows, STATES, 'traces', traces);
  return new Map(
    found.map(([traceId, lastAt, lookAt]) => [
      String(traceId),
      { lastAt: Number(lastAt), lookAt: lookAt === null ? null : Number(lookAt) },
    ]),
  );
}

async function countsOf(rows: Connection['rows'], traces: readonly string[]): Promise<Map<string, number>> {
  const found = await rowsOfEach(rows, COUNTS, 'traces', traces);
  return new Map(found.map(([traceId, count]) => [String(traceId), Number(count)]));
}

const KNOWN = `-- Which spans of these traces are there?
SELECT trace_id, span_id FROM spans WHERE trace_id IN {traces:Array(String)}`;

const STATES = `-- When did a span of these traces come last, and when are they to be looked at?
SELECT trace_id, last_at, look_at FROM span_traces FINAL WHERE trace_id IN {traces:Array(String)}`;

const COUNTS = `-- How many spans have these traces?
SELECT trace_id, uniqExact(span_id) FROM spans WHERE trace_id IN {traces:Array(String)} GROUP BY trace_id`;

const DUE = `-- Which traces are to be looked at? The longest overdue first.
SELECT trace_id FROM span_traces FINAL WHERE look_at <= {now:Int64} ORDER BY look_at, version LIMIT {limit:UInt32}`;

const SPANS = `-- Which spans of this trace are known? In the order of their ids.
SELECT arrived_at, text FROM spans FINAL WHERE trace_id = {trace:String} ORDER BY span_id`;

const COUNT = `-- How many spans are there?
SELECT count() FROM spans FINAL`;

const DUE_SINCE = `-- Since when does the trace wait that is to be looked at first?
SELECT if(count() = 0, NULL, min(look_at)) FROM span_traces FINAL WHERE look_at IS NOT NULL`;

const OLD = `-- Which traces have been quiet, and wait for nothing? The oldest first.
SELECT trace_id FROM span_traces FINAL WHERE look_at IS NULL AND last_at < {before:Int64}
ORDER BY last_at LIMIT {limit:UInt32}`;

const STILL_OLD = `-- Which of them are so still?
SELECT trace_id FROM span_traces FINAL
WHERE trace_id IN {traces:Array(String)} AND look_at IS NULL AND last_at < {before:Int64}`;
