import type { BlastData, CausedRow } from '../../questions/blast/answer.ts';
import { type Terminal, wideFrom } from '../terminal.ts';
import { counted, grouped, moreText } from './counts.ts';
import { headLines, nameWidth } from './headed.ts';
import { shortId, shortName } from './ids.ts';
import { padRight } from './lines.ts';
import { accountText } from './places.ts';
import { paintedState, stateWord } from './states.ts';
import { type Column, table } from './table.ts';

type Caused = Pick<BlastData, 'caused' | 'caused_not_shown' | 'pending' | 'is_at_least'>;

export function causedSection(answer: Caused, shown: readonly CausedRow[], terminal: Terminal): string[] {
  const { caused, caused_not_shown, pending, is_at_least } = answer;
  const { paint } = terminal;
  if (caused.length === 0) return ['CAUSED  nothing that is known'];
  const labels = [...new Set(caused.map(({ evidence }) => evidence))];
  // One label for all of them stands in the head; where they differ, each that is not observed bears its own.
  const [common] = labels.length === 1 ? labels : [];
  const total = caused.length + caused_not_shown;
  const sums = [`${is_at_least ? 'at least ' : ''}${counted(total, 'message')}`, `${grouped(pending)} pending`];
  const columns = columnsOf(terminal, ({ evidence }) =>
    common || evidence === 'observed' ? '' : paint.faint(`[${evidence}]`),
  );
  return [
    ...headLines(common ? `CAUSED ${paint.faint(`[${common}]`)}` : 'CAUSED', sums, terminal),
    ...table(shown, columns, terminal, '  '),
    ...moreText(total - shown.length).map((line) => `  ${line}`),
  ];
}

function columnsOf({ width, paint }: Terminal, labelOf: (row: CausedRow) => string): Column<CausedRow>[] {
  const isWide = width >= wideFrom;
  const instance: Column<CausedRow> = {
    head: '',
    of: (row, columns) => shortName(row.instance ?? '', columns),
    least: 8,
  };
  return [
    {
      head: '',
      of: ({ event_type }, columns) => padRight(shortName(event_type ?? 'message', columns), nameWidth),
      least: nameWidth,
    },
    { head: '', of: ({ message_id }) => (isWide ? message_id : shortId(message_id)) },
    { head: '', of: ({ state }) => paintedState(state, paint, stateWord(state)) },
    { head: '', of: (row, columns) => shortName(accountText(row), columns), least: 10 },
    ...(isWide ? [instance] : []),
    { head: '', of: labelOf },
  ];
}
