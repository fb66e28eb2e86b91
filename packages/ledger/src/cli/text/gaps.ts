import type { BoundaryRow, GapsData, LinkedBy } from '../../questions/gaps/answer.ts';
import { listBelow, type Terminal, wideFrom } from '../terminal.ts';
import { cleanDocument } from './clean.ts';
import { grouped, moreText } from './counts.ts';
import { inlineName, shortName } from './ids.ts';
import { fill, prose, wrap } from './lines.ts';
import { searchedText } from './searched.ts';
import { type Column, table } from './table.ts';
import { textWidth } from './width.ts';

export function gapsText(data: GapsData, asOf: string, terminal: Terminal): string {
  const answer = cleanDocument(data);
  const { boundaries, not_shown, searched } = answer;
  if (boundaries.length === 0)
    return `${prose(`No gaps in ${searchedText(searched, asOf)}.`, terminal.width).join('\n')}\n`;
  const fixes = new Set(boundaries.flatMap(({ fix }) => fix ?? []));
  const lines = [
    ...table(boundaries, columnsOf(terminal), terminal),
    ...moreText(not_shown),
    '',
    ...prose(totals(answer, terminal), terminal.width),
    ...[...fixes].flatMap((fix) => fixLines(fix, terminal)),
  ];
  return `${lines.join('\n')}\n`;
}

function columnsOf({ width, paint }: Terminal): Column<BoundaryRow>[] {
  const figures: Column<BoundaryRow>[] = [
    {
      head: 'LOST IN',
      of: ({ via, evidence }, columns) => {
        const label = evidence === 'unknown' ? ` ${paint.faint('[unknown]')}` : '';
        return shortName(via ?? 'unknown', columns - textWidth(label)) + label;
      },
      least: 10,
    },
    { head: 'BETWEEN', of: ({ from, to }, columns) => betweenText(from, to, columns), least: 12 },
    { head: 'MESSAGES', of: ({ messages }) => grouped(messages), isRight: true },
    { head: 'LINKED', of: ({ linked }) => grouped(linked), isRight: true },
    { head: 'UNLINKED', of: ({ unlinked }) => grouped(unlinked), isRight: true },
  ];
  return width < wideFrom
    ? figures
    : [...figures, { head: 'EXAMPLE', of: ({ example_message_id }) => example_message_id }];
}

/** Each end loses its own middle, so that the arrow stays. */
function betweenText(from: string | null, to: string, width: number): string {
  const room = width - ' -> '.length;
  const begin = shortName(from ?? 'unknown', Math.max(Math.floor(room / 2), room - textWidth(to)));
  return `${begin} -> ${shortName(to, room - textWidth(begin))}`;
}

function totals({ total_messages, messages_checked, boundaries, is_at_least }: GapsData, { paint }: Terminal): string {
  const share = `${grouped(total_messages)} of ${grouped(messages_checked)} received.`;
  const ways = [...new Set(boundaries.flatMap(({ linked_by }) => linked_by.map(wayText)))];
  const linked = ways.length === 0 ? '' : ` ${paint.faint('[inferred]')} LINKED: by ${ways.join(', ')}.`;
  return `${is_at_least ? 'At least ' : ''}${share}${linked}`;
}

function wayText({ how, key }: LinkedBy): string {
  switch (how) {
    case 'broker_id':
      return 'broker id';
    case 'foreign':
      return "another system's ids";
    case 'business_key':
      return `${inlineName(key ?? 'business')} key and timing`;
    case 'destination':
      return 'destination and timing';
    default:
      return how;
  }
}

/** Where and what to do stand on two lines where one is too short, so that what is to be pasted stays whole. */
function fixLines(fix: string, { width }: Terminal): string[] {
  const [, place, todo] = /^(in [^,]+,) (.+)$/.exec(fix) ?? [];
  const indent = width < listBelow ? '  ' : '     ';
  if (place === undefined || todo === undefined || indent.length + textWidth(todo) > width)
    return wrap(`fix: ${fix}`, width, indent);
  return fill([`fix: ${place}`, todo], ' ', width, indent);
}
