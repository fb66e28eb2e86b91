import type { OverdueData, OverdueRow, OverdueUnknown } from '../../questions/overdue/answer.ts';
import { type Terminal, wideFrom } from '../terminal.ts';
import { cleanDocument } from './clean.ts';
import { counted, grouped, moreText } from './counts.ts';
import { setDuration } from './duration.ts';
import { inlineName, shortName } from './ids.ts';
import { prose } from './lines.ts';
import { placeText } from './places.ts';
import { searchedText } from './searched.ts';
import { type Column, table } from './table.ts';

export function overdueText(data: OverdueData, asOf: string, terminal: Terminal): string {
  const answer = cleanDocument(data);
  const { groups, not_shown, searched, without_deadline } = answer;
  const { paint, width } = terminal;
  const unknown = answer.unknown.map(unknownText);
  if (groups.length === 0) {
    const nothing = `Nothing overdue in ${searchedText(searched, asOf)}.`;
    return `${prose([nothing, ...openText(without_deadline), ...unknown].join(' '), width).join('\n')}\n`;
  }
  const total = `${answer.is_at_least ? 'At least ' : ''}${grouped(answer.total_overdue)} overdue.`;
  const reasons = groups.flatMap((group) => {
    const { evidence } = group;
    return evidence === 'observed' ? [] : [`${MARKS[evidence]} ${paint.faint(`[${evidence}]`)} ${ground(group)}.`];
  });
  const lines = [
    ...table(groups, columnsOf(terminal), terminal),
    ...moreText(not_shown),
    ...prose([total, ...new Set(reasons), ...unknown].join(' '), width),
  ];
  return `${lines.join('\n')}\n`;
}

function openText(without: readonly string[]): string[] {
  if (without.length === 0) return [];
  const names = without.map(inlineName).join(', ');
  return [`${counted(without.length, 'destination has', 'destinations have')} no deadline: ${names}.`];
}

const MARKS = { observed: '', inferred: '*', unknown: '?' } as const;

function columnsOf({ width, paint }: Terminal): Column<OverdueRow>[] {
  const figures: Column<OverdueRow>[] = [
    { head: 'OVERDUE', of: ({ overdue }) => paint.bad(grouped(overdue)), isRight: true },
    { head: 'OF WAITING', of: ({ waiting }) => grouped(waiting), isRight: true },
    { head: 'MESSAGE', of: ({ event_type }, columns) => shortName(event_type ?? 'message', columns), least: 10 },
    { head: 'WHERE', of: whereText, least: 10 },
    {
      head: 'DUE IN',
      of: ({ deadline_ms }) => (deadline_ms === null ? '-' : setDuration(deadline_ms)),
      isRight: true,
    },
    { head: 'WHY', of: whyText, listed: (group) => [whyText(group)], isUnder: 'narrow' },
  ];
  return width < wideFrom
    ? figures
    : [...figures, { head: 'EXAMPLE', of: ({ example_message_id }) => example_message_id }];
}

function whereText({ destination, subscription, has_other_subscriptions }: OverdueRow, width: number): string {
  return shortName(placeText(destination, has_other_subscriptions ? subscription : null), width);
}

function whyText({ why, evidence }: OverdueRow): string {
  const word = why.kind === 'no_consumers' ? '0 consumers' : why.kind.replaceAll('_', ' ');
  return word + MARKS[evidence];
}

/** What an unproved reason rests on. */
function ground({ why, evidence, subscription, destination, waiting }: OverdueRow): string {
  if (evidence === 'unknown') return 'facts that would tell are missing';
  const place = inlineName(subscription ?? destination);
  switch (why.kind) {
    case 'none_started':
      return `from ${counted(why.sent, 'send')} and no start by ${place}`;
    case 'not_settled':
      return 'from starts without an end, and their leases';
    case 'no_consumers':
      return `from ${counted(waiting, 'send')} and no consumer of ${place}`;
    default:
      return `from ${counted(waiting, 'message')} and no later start by ${place}`;
  }
}

function unknownText({ destination, subscription, messages, because }: OverdueUnknown): string {
  const place = inlineName(placeText(destination, subscription));
  const count = messages === null ? '' : `${counted(messages, 'message')} `;
  return `${place}: ${count}unknown, ${because === 'no_facts' ? 'no facts' : 'facts are missing'}.`;
}
