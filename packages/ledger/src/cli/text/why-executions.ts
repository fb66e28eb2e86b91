import type { ExecutionAnswer, WhyAnswer } from '../../questions/why/why.ts';
import { listBelow, type Terminal, wideFrom } from '../terminal.ts';
import { clock } from './clock.ts';
import { duration } from './duration.ts';
import { columns, widest } from './lines.ts';

const shownFirst = 3;
const shownLast = 12;

export function executionsSection({ executions, state }: WhyAnswer, day: string, terminal: Terminal): string[] {
  if (executions.length === 0) return [];
  const rows = executions.map((execution) => fieldsOf(execution, state, day, terminal));
  return ['EXECUTIONS', ...(terminal.width < listBelow ? listed(rows) : tabled(rows, terminal))];
}

interface Fields {
  readonly number: string;
  readonly started: string;
  readonly waits: string;
  readonly lasted: string;
  readonly outcome: string;
  readonly execution: string;
  readonly instance: string;
  readonly trace: string;
}

function fieldsOf(execution: ExecutionAnswer, state: WhyAnswer['state'], day: string, { paint }: Terminal): Fields {
  const { number, started_at, waited_before, lasted_ms } = execution;
  return {
    number: String(number),
    started: started_at === null ? '-' : clock(started_at, day),
    waits: waited_before.map(({ kind, ms }) => `${kind.replace('_', ' ')} ${duration(ms)}`).join(', '),
    lasted: lasted_ms === null ? '-' : duration(lasted_ms),
    outcome: outcomeText(execution, state, paint),
    execution: execution.execution_id,
    instance: execution.instance,
    trace: execution.trace_id,
  };
}

function outcomeText(
  { outcome, evidence, error, attempt, number, is }: ExecutionAnswer,
  state: WhyAnswer['state'],
  paint: Terminal['paint'],
): string {
  const counted = attempt === null || attempt === number ? '' : ` (attempt ${attempt})`;
  const cause = error ? `: ${error.type}` : '';
  if (outcome === 'lost') return `${paint.warn('lease lost')}${counted} ${paint.faint('[inferred]')}`;
  if (outcome === 'open') {
    if (evidence === 'unknown') return `not settled${counted} ${paint.faint('[unknown]')}`;
    return `${state === 'overdue' ? 'not settled' : 'running'}${counted}`;
  }
  if (outcome === 'skipped') return `skipped: duplicate${counted}`;
  const word = outcome === 'dead' || outcome === 'failed' ? paint.bad(outcome) : outcome;
  return `${word}${cause}${counted}${is === 'replay' ? ' (replay)' : ''}`;
}

function tabled(fields: readonly Fields[], { width }: Terminal): string[] {
  const heads = ['#', 'STARTED', 'WAITED BEFORE', 'LASTED', 'OUTCOME'];
  const full = columns(
    [heads, ...fields.map((row) => [row.number, row.started, row.waits, row.lasted, row.outcome])],
    [0, 3],
  );
  const fits = widest(full) + 2 <= width;
  const lines = fits
    ? full
    : columns(
        [withoutWaits(heads), ...fields.map((row) => [row.number, row.started, row.lasted, row.outcome])],
        [0, 2],
      );
  const blocks = lines.map((line, index) => {
    const row = fields[index - 1];
    return [
      `  ${line}`,
      ...(row && !fits && row.waits !== '' ? [`     after ${row.waits}`] : []),
      ...(row ? whole(row, width) : []),
    ];
  });
  return withoutMiddle(blocks).flat();
}

function withoutWaits(heads: readonly string[]): string[] {
  return heads.filter((head) => head !== 'WAITED BEFORE');
}

/** What to paste into other tools, where there is room for it. */
function whole({ execution, instance, trace }: Fields, width: number): string[] {
  return width >= wideFrom ? [`     ${execution}  ${instance}  trace ${trace}`] : [];
}

function listed(fields: readonly Fields[]): string[] {
  const blocks = fields.map((row) => [
    `  ${row.number}  ${row.started}`,
    ...(row.waits === '' ? [] : row.waits.split(', ').map((wait) => `     after ${wait}`)),
    `     lasted ${row.lasted}`,
    `     ${row.outcome}`,
  ]);
  return withoutMiddle([[], ...blocks]).flat();
}

/** The first entry is the head. Of many executions, how it began and how it ended say most. */
function withoutMiddle(blocks: readonly string[][]): string[][] {
  const count = blocks.length - 1 - shownFirst - shownLast;
  if (count <= 1) return [...blocks];
  return [...blocks.slice(0, shownFirst + 1), [`  … ${count} more, with --json`], ...blocks.slice(-shownLast)];
}
