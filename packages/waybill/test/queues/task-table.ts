import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** One record of a home-grown task table, as its runner reads it. */
export interface TaskRow {
  readonly id: string;
  readonly uuid: string;
  readonly created_at: Date;
  readonly task_identifier: string;
  readonly serialized_args: string;
  readonly num_failures: number;
  readonly trace_context: unknown;
  /** It was taken before, and its worker has not come back. */
  readonly was_locked: boolean;
}

/** A table shaped like `task_processor_task`, in a schema of the run's own, and the statements of its runner. */
export function taskTable() {
  const schema = `task_record_${randomBytes(4).toString('hex')}`;
  const table = `${schema}.task_processor_task`;
  const pool = new pg.Pool({ host: '127.0.0.1', user: 'postgres', database: 'postgres', max: 6 });
  return {
    pool,
    table,
    async create() {
      await pool.query(`CREATE SCHEMA ${schema}`);
      await pool.query(`CREATE TABLE ${table} (
        id bigserial PRIMARY KEY, uuid uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
        created_at timestamptz NOT NULL DEFAULT now(), scheduled_for timestamptz NOT NULL DEFAULT now(),
        task_identifier varchar(200) NOT NULL, serialized_args text, serialized_kwargs text,
        num_failures integer NOT NULL DEFAULT 0, completed boolean NOT NULL DEFAULT false,
        is_locked boolean NOT NULL DEFAULT false, timeout interval, priority smallint, trace_context jsonb)`);
    },
    async insert(identifier: string, args: unknown, column: unknown, delayMs = 0, uuid: string | null = null) {
      const { rows } = await pool.query<{ id: string }>(
        `INSERT INTO ${table} (task_identifier, serialized_args, trace_context, scheduled_for, uuid)
         VALUES ($1, $2, $3, now() + $4 * interval '1 ms', coalesce($5::uuid, gen_random_uuid()))
         ON CONFLICT (uuid) DO NOTHING RETURNING id`,
        [identifier, JSON.stringify(args), column, delayMs, uuid],
      );
      return rows[0]?.id;
    },
    insertAll: (identifier: string, args: readonly unknown[], columns: readonly object[]) =>
      pool.query(
        `INSERT INTO ${table} (task_identifier, serialized_args, trace_context)
         SELECT $1, args, context FROM unnest($2::text[], $3::jsonb[]) AS t (args, context)`,
        [identifier, args.map((each) => JSON.stringify(each)), columns],
      ),
    /** The next task that is due, locked; a lock that is older than its timeout belongs to a worker that died. */
    async take(identifier: string, failuresMax: number): Promise<TaskRow | undefined> {
      const { rows } = await pool.query<TaskRow>(
        `UPDATE ${table} task SET is_locked = true, scheduled_for = now() FROM (
           SELECT id, is_locked FROM ${table} WHERE task_identifier = $1 AND NOT completed AND num_failures < $2
             AND scheduled_for <= now() AND (NOT is_locked OR scheduled_for + timeout < now())
           ORDER BY priority, scheduled_for, created_at LIMIT 1 FOR UPDATE SKIP LOCKED) next
         WHERE task.id = next.id RETURNING task.*, next.is_locked AS was_locked`,
        [identifier, failuresMax],
      );
      return rows[0];
    },
    complete: (id: string) => pool.query(`UPDATE ${table} SET completed = true, is_locked = false WHERE id = $1`, [id]),
    fail: (id: string) =>
      pool.query(`UPDATE ${table} SET num_failures = num_failures + 1, is_locked = false WHERE id = $1`, [id]),
    async columnOf(id: string): Promise<Record<string, unknown> | null> {
      const { rows } = await pool.query(`SELECT trace_context FROM ${table} WHERE id = $1`, [id]);
      return rows[0].trace_context;
    },
    async drop() {
      await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await pool.end();
    },
  };
}

export type TaskTable = ReturnType<typeof taskTable>;
