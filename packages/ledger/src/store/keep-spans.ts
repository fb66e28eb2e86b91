import type { DatabaseSync } from 'node:sqlite';
import type { GroupCommit } from './group-commit.ts';
import { packHex } from './packed-id.ts';
import type { ArrivedSpan, KeptSpan, SpanShelf } from './store.ts';

export function openSpanShelf(database: DatabaseSync, { commit, grow }: GroupCommit): SpanShelf {
  const keep = keeper(database);
  const due = database.prepare(
    `-- Which traces are to be looked at? The longest overdue first.
     SELECT trace_id FROM span_traces WHERE look_at <= :now ORDER BY look_at, key LIMIT :limit`,
  );
  const spansOf = database.prepare(
    `-- Which spans of this trace are known? In the order of their ids.
     SELECT spans.arrived_at, spans.text FROM span_traces JOIN spans ON spans.trace = span_traces.key
     WHERE span_traces.trace_id = ?`,
  );
  const looked = database.prepare(
    'UPDATE span_traces SET look_at = :next_at WHERE trace_id = :trace_id AND span_count = :seen',
  );
  const count = database.prepare('SELECT ifnull(sum(span_count), 0) AS count FROM span_traces');
  const dueSince = database.prepare('SELECT min(look_at) AS at FROM span_traces WHERE look_at IS NOT NULL');
  const old = database.prepare(
    'SELECT key FROM span_traces WHERE look_at IS NULL AND last_at < :before ORDER BY last_at LIMIT :limit',
  );
  const dropSpans = database.prepare('DELETE FROM spans WHERE trace = ?');
  const dropTrace = database.prepare(
    'DELETE FROM span_traces WHERE key = :key AND look_at IS NULL AND last_at < :before',
  );
  return {
    keep: (spans, arrivedAt, lookAt) => grow(spans.length, () => keep(spans, arrivedAt, lookAt)),
    due: async (now, limit) => due.all({ now, limit }).map(({ trace_id }) => traceText(trace_id)),
    // Sound: the columns are named as the fields of ArrivedSpan, and STRICT tables hold their types.
    of: async (traceId) => spansOf.all(packHex(traceId, 32)) as unknown as ArrivedSpan[],
    looked: (looks) =>
      commit(looks.length, () => {
        for (const { trace_id, seen, next_at } of looks) looked.run({ trace_id: packHex(trace_id, 32), seen, next_at });
      }),
    count: async () => Number(count.get()?.['count']),
    dueSince: async () => dueSince.get()?.['at'] as number | null, // sound: the column is of integers
    async letGo(before, limit) {
      const keys = old.all({ before, limit }).map(({ key }) => Number(key));
      if (keys.length === 0) return;
      await commit(keys.length, () => {
        // A span may have come meanwhile.
        for (const key of keys) if (dropTrace.run({ key, before }).changes === 1) dropSpans.run(key);
      });
    },
  };
}

function traceText(packed: unknown): string {
  return Buffer.from(packed as Uint8Array).toString('hex'); // the reader of spans takes no trace id that is not hex
}

/** A trace of so many spans is looked at a second later than a small one. */
const spansPerSecond = 10_000;

function keeper(database: DatabaseSync): (spans: readonly KeptSpan[], arrivedAt: number, lookAt: number) => void {
  const trace = database.prepare('SELECT key FROM span_traces WHERE trace_id = ?');
  const addTrace = database.prepare('INSERT INTO span_traces (trace_id, last_at, span_count) VALUES (?, ?, 0)');
  const addSpan = database.prepare(
    'INSERT OR IGNORE INTO spans (trace, span_id, arrived_at, text) VALUES (:trace, :span_id, :arrivedAt, :text)',
  );
  const grow = database.prepare(
    `UPDATE span_traces SET span_count = span_count + :added, last_at = max(last_at, :arrivedAt),
       look_at = min(ifnull(look_at, :never), :lookAt + span_count * 1000 / ${spansPerSecond})
     WHERE key = :key`,
  );
  return (spans, arrivedAt, lookAt) => {
    const added = new Map<string, { readonly key: number; count: number }>();
    for (const { trace_id, span_id, text } of spans) {
      let own = added.get(trace_id);
      if (own === undefined) {
        const packed = packHex(trace_id, 32);
        const known = trace.get(packed);
        own = { key: Number(known ? known['key'] : addTrace.run(packed, arrivedAt).lastInsertRowid), count: 0 };
        added.set(trace_id, own);
      }
      const { changes } = addSpan.run({ trace: own.key, span_id: packHex(span_id, 16), arrivedAt, text });
      own.count += Number(changes);
    }
    const never = Number.MAX_SAFE_INTEGER;
    for (const { key, count } of added.values())
      if (count > 0) grow.run({ key, added: count, arrivedAt, lookAt, never });
  };
}
