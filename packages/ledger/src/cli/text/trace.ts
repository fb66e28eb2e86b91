import type { FoldedRow } from '../../questions/trace/folded-rows.ts';
import type { TraceAnswer, TraceRow } from '../../questions/trace/trace.ts';
import type { Note } from '../../questions/trace/verdict.ts';
import { listBelow, notesBesideFrom, type Paint, type Strokes, type Terminal, wideFrom } from '../terminal.ts';
import { clock, dayText } from './clock.ts';
import { counted, grouped } from './counts.ts';
import { duration } from './duration.ts';
import { messageName, shortName } from './ids.ts';
import { columns, fill, padRight, widest, wrap } from './lines.ts';
import { noteText } from './notes.ts';
import { stateWord, tallyText } from './states.ts';

type Row = TraceRow | FoldedRow;

export function traceText(answer: TraceAnswer, asOf: string, terminal: Terminal): string {
  const told = answer.rows.flatMap((row) => ('folded' in row ? [] : [row]));
  const day = told[0]?.begins_at ?? asOf;
  const { width } = terminal;
  const trunks = trunksOf(answer.rows, terminal.strokes);
  const rows = width < listBelow ? listed(answer.rows, day, terminal) : tabled(answer.rows, trunks, day, terminal);
  return `${[...head(answer, dayText(day, asOf), width), '', ...rows].join('\n')}\n`;
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
function trunksOf(rows: readonly Row[], { branch, last, through, none }: Strokes): string[] {
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

function figures(row: Row, day: string): string[] {
  if ('folded' in row) return [clock(row.folded.first_at, day), '', '', ''];
  const { begins_at, elapsed_ms, state, tries } = row;
  return [clock(begins_at, day), elapsed_ms === null ? '-' : duration(elapsed_ms), stateWord(state), String(tries)];
}

/** Of those that are counted: how many more there are, and of what. Only the name gives way. */
function nameOf(row: Row, width: number): string {
  if (!('folded' in row)) return shortName(messageName(row), width);
  const { messages, event_type, groups, states } = row.folded;
  const count = `… ${grouped(messages)} more `;
  const end = Object.keys(states).length > 0 ? ':' : '';
  if (groups > 1) return `${count}of ${grouped(groups)} kinds${end}`;
  return `${count}${shortName(event_type ?? 'messages', Math.max(8, width - count.length - end.length))}${end}`;
}

function notesOf(row: Row, width: number, paint: Paint): string[] {
  if (!('folded' in row)) return notesShown(row, width).map((note) => noteText(note, paint));
  const tally = tallyText(row.folded.states, paint);
  return tally.length === 0 ? [] : [tally.join(', ')];
}

function tabled(rows: readonly Row[], trunks: readonly string[], day: string, { width, paint }: Terminal): string[] {
  // The state and the count of tries share a gap, and most states are as wide as this head: it takes all of it.
  const heads = ['BEGINS', 'TOOK', 'STATE  ', 'TRY'];
  const left = columns([heads, ...rows.map((row) => figures(row, day))], [1, 3], [2, 2, 0]);
  const ids = width >= wideFrom ? rows.map((row) => ('folded' in row ? '' : `  ${row.message_id} `)) : [];
  const names = rows.map((row, index) => {
    const trunk = trunks[index] ?? '';
    return trunk + nameOf(row, Math.max(12, width - widest(left) - 2 - widest(ids) - trunk.length));
  });
  const nameWidth = widest(names);
  const notesAt = widest(left) + 2 + nameWidth + widest(ids) + 1;
  return [
    `${left[0]}  ${ids.length > 0 ? `${padRight('MESSAGE', nameWidth)}  ID` : 'MESSAGE'}`,
    ...rows.flatMap((row, index) => {
      const figure = padRight(left[index + 1] ?? '', widest(left)).replace(/DEAD|OVERDUE/, paint.bad);
      const line = `${figure}  ${padRight(names[index] ?? '', nameWidth)}${padRight(ids[index] ?? '', widest(ids))}`;
      return withNotes(line, notesOf(row, width, paint), notesAt, width);
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

function listed(rows: readonly Row[], day: string, terminal: Terminal): string[] {
  const { width, paint } = terminal;
  return rows.flatMap((row) => {
    const [begins = '', took = '', state = '', tries = ''] = figures(row, day);
    const indent = ' '.repeat(Math.min(row.depth * 2, 16));
    const name = indent + nameOf(row, width - indent.length);
    const notes = notesOf(row, width, paint).flatMap((note) => wrap(`${indent}  ${note}`, width, `${indent}    `));
    if ('folded' in row) return [name, `${indent}  began ${begins}`, ...notes];
    const shown = /DEAD|OVERDUE/.test(state) ? paint.bad(state) : state;
    return [
      name,
      `${indent}  began ${begins}`,
      `${indent}  took ${took}`,
      `${indent}  ${shown}${row.tries > 0 ? `, ${tries} ${row.tries === 1 ? 'try' : 'tries'}` : ''}`,
      ...notes,
    ];
  });
}
