import type { TraceAnswer, TraceRow } from '../../questions/trace/trace.ts';
import type { Note } from '../../questions/trace/verdict.ts';
import { listBelow, notesBesideFrom, type Strokes, type Terminal, wideFrom } from '../terminal.ts';
import { clock, dayText } from './clock.ts';
import { counted } from './counts.ts';
import { duration } from './duration.ts';
import { messageName, shortName } from './ids.ts';
import { columns, fill, padRight, widest } from './lines.ts';
import { noteText } from './notes.ts';
import { stateWord } from './states.ts';

export function traceText(answer: TraceAnswer, asOf: string, terminal: Terminal): string {
  const day = answer.rows[0]?.begins_at ?? asOf;
  const { width } = terminal;
  const trunks = trunksOf(answer.rows, terminal.strokes);
  const rows = width < listBelow ? listed(answer.rows, day, terminal) : tabled(answer.rows, trunks, day, terminal);
  const after = [
    ...(answer.not_shown > 0
      ? ['', `${answer.is_at_least ? 'At least ' : ''}${answer.not_shown} more messages are not shown.`]
      : []),
  ];
  return `${[...head(answer, dayText(day, asOf), width), '', ...rows, ...after].join('\n')}\n`;
}

function head(
  { operation, tenant_id, business_key, counts, is_at_least }: TraceAnswer,
  date: string,
  width: number,
): string[] {
  const least = is_at_least ? 'at least ' : '';
  const total = `${least}${counted(counts.messages, 'message')}, ${counted(counts.executions, 'execution')}`;
  const fields = [
    operation,
    tenant_id,
    business_key,
    total + (counts.gaps > 0 ? `, ${counted(counts.gaps, 'gap')}` : ''),
  ];
  const known = [...fields, date].filter((field): field is string => field !== null && field !== '');
  return width < listBelow
    ? known.map((field, index) => (index === 0 ? field : `  ${field}`))
    : fill(known, '  ', width, '  ');
}

const trunkWidthMax = 24;

/** The strokes before each name. Rows come depth first, so whether a stem goes on is seen from the rows below. */
function trunksOf(rows: readonly TraceRow[], { branch, last, through, none }: Strokes): string[] {
  const goesOn: boolean[] = [];
  const trunks: string[] = [];
  for (const { depth } of rows.toReversed()) {
    const isLast = goesOn[depth] !== true;
    goesOn.length = depth + 1;
    goesOn[depth] = true;
    const stems = Array.from({ length: Math.max(0, depth - 1) }, (_, level) => (goesOn[level + 1] ? through : none));
    const trunk = depth === 0 ? '' : stems.join('') + (isLast ? last : branch);
    // A chain of a hundred would push its names off the page: its depth as a number says the same.
    trunks.push(
      trunk.length > trunkWidthMax ? `${' '.repeat(trunkWidthMax - 8)}…${depth} ${last}`.slice(-trunkWidthMax) : trunk,
    );
  }
  return trunks.reverse();
}

function figures({ begins_at, elapsed_ms, state, tries }: TraceRow, day: string): string[] {
  return [clock(begins_at, day), elapsed_ms === null ? '-' : duration(elapsed_ms), stateWord(state), String(tries)];
}

function tabled(
  rows: readonly TraceRow[],
  trunks: readonly string[],
  day: string,
  { width, paint }: Terminal,
): string[] {
  // The state and the count of tries share a gap, and most states are as wide as this head: it takes all of it.
  const heads = ['BEGINS', 'TOOK', 'STATE  ', 'TRY'];
  const left = columns([heads, ...rows.map((row) => figures(row, day))], [1, 3], [2, 2, 0]);
  const names = rows.map((row, index) => {
    const trunk = trunks[index] ?? '';
    return trunk + shortName(messageName(row), Math.max(12, width - widest(left) - 2 - trunk.length));
  });
  const ids = width >= wideFrom ? rows.map(({ message_id }) => `  ${message_id} `) : [];
  const nameWidth = widest(names);
  const notesAt = widest(left) + 2 + nameWidth + widest(ids) + 1;
  return [
    `${left[0]}  ${ids.length > 0 ? `${padRight('MESSAGE', nameWidth)}  ID` : 'MESSAGE'}`,
    ...rows.flatMap((row, index) => {
      const figure = padRight(left[index + 1] ?? '', widest(left)).replace(/DEAD|OVERDUE/, paint.bad);
      const line = `${figure}  ${padRight(names[index] ?? '', nameWidth)}${padRight(ids[index] ?? '', widest(ids))}`;
      const notes = notesShown(row, width).map((note) => noteText(note, paint));
      return withNotes(line, notes, notesAt, width);
    }),
  ];
}

/** Where there is one line for it, what it failed of is left to `why`, if something else is to be said. */
function notesShown({ notes }: TraceRow, width: number): readonly Note[] {
  if (notes.length < 2 || width < notesBesideFrom || width >= wideFrom) return notes;
  return notes.filter(({ kind }) => kind !== 'error');
}

/** The first note stands beside its message where it fits; any others, and all on a narrow page, stand below. */
function withNotes(line: string, notes: readonly string[], notesAt: number, width: number): string[] {
  const [first, ...rest] = notes;
  if (first === undefined) return [line.trimEnd()];
  const isBeside = width >= notesBesideFrom && notesAt + widest([first]) <= width;
  const below = isBeside ? rest : notes;
  const fits = isBeside && notesAt + widest(below) <= width;
  const indent = fits ? notesAt : Math.max(0, Math.min(30, width - widest(below)));
  return [isBeside ? `${line} ${first}` : line.trimEnd(), ...below.map((note) => ' '.repeat(indent) + note)];
}

function listed(rows: readonly TraceRow[], day: string, { width, paint }: Terminal): string[] {
  return rows.flatMap((row) => {
    const [begins = '', took = '', state = '', tries = ''] = figures(row, day);
    const indent = ' '.repeat(Math.min(row.depth * 2, 16));
    const shown = /DEAD|OVERDUE/.test(state) ? paint.bad(state) : state;
    return [
      indent + shortName(messageName(row), width - indent.length),
      `${indent}  began ${begins}`,
      `${indent}  took ${took}`,
      `${indent}  ${shown}${row.tries > 0 ? `, ${tries} ${row.tries === 1 ? 'try' : 'tries'}` : ''}`,
      ...row.notes.map((note) => `${indent}  ${noteText(note, paint)}`),
    ];
  });
}
