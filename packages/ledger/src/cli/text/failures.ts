import type { FailureRow, FailuresData } from '../../questions/failures/answer.ts';
import { type Paint, type Terminal, wideFrom } from '../terminal.ts';
import { cleanDocument } from './clean.ts';
import { clockMinute } from './clock.ts';
import { counted, grouped, moreText } from './counts.ts';
import { shortName } from './ids.ts';
import { prose } from './lines.ts';
import { placeText } from './places.ts';
import { searchedText } from './searched.ts';
import { type Column, table } from './table.ts';

export function failuresText(data: FailuresData, asOf: string, terminal: Terminal): string {
  const answer = cleanDocument(data);
  const { groups, not_shown, searched } = answer;
  if (groups.length === 0)
    return `${prose(`No failed executions in ${searchedText(searched, asOf)}.`, terminal.width).join('\n')}\n`;
  const lines = [
    ...table(groups, columnsOf(asOf, terminal), terminal),
    ...moreText(not_shown),
    ...prose(totals(answer), terminal.width),
  ];
  return `${lines.join('\n')}\n`;
}

function columnsOf(day: string, { width, paint }: Terminal): Column<FailureRow>[] {
  const figures: Column<FailureRow>[] = [
    { head: 'FAILED', of: ({ failed_executions }) => grouped(failed_executions), isRight: true },
    { head: 'MESSAGES', of: ({ messages }) => grouped(messages), isRight: true },
    { head: 'DEAD', of: ({ dead }) => (dead > 0 ? paint.bad(grouped(dead)) : '0'), isRight: true },
    { head: 'LAST', of: ({ last_at }) => clockMinute(last_at, day) },
    { head: 'CAUSE', of: (group, columns) => causeText(group, columns, paint), least: 16 },
  ];
  const whole: Column<FailureRow>[] = [
    {
      head: 'WHERE',
      of: ({ destination, subscription }, columns) => shortName(placeText(destination, subscription), columns),
      least: 12,
    },
    { head: 'EXAMPLE', of: ({ example_message_id }) => example_message_id },
  ];
  return width >= wideFrom ? [...figures, ...whole] : figures;
}

/** What was lost is told by who lost it; its label is never cut. */
function causeText({ kind, title, instance, evidence }: FailureRow, columns: number, paint: Paint): string {
  const cause = kind === 'lost' && instance !== null ? `Lease lost: worker ${instance}` : title;
  if (evidence === 'observed') return shortName(cause, columns);
  const label = `[${evidence}]`;
  return `${shortName(cause, columns - label.length - 1)} ${paint.faint(label)}`;
}

function totals(answer: FailuresData): string {
  const { total_failed_executions, total_messages, messages_in_several, is_at_least } = answer;
  const total = `${counted(total_failed_executions, 'execution')} of ${counted(total_messages, 'message')}`;
  const least = is_at_least ? `At least ${total}` : total;
  const count = messages_in_several.length;
  if (count === 0) return `${least}.`;
  const rows = messages_in_several.every(({ groups }) => groups === 2) ? 'two' : 'several';
  return `${least}; ${counted(count, 'message is', 'messages are')} in ${rows} rows.`;
}
