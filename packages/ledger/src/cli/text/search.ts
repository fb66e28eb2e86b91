import type { FoundBy, Nearest, SearchData, WorkflowRow } from '../../questions/search/answer.ts';
import { pasted } from '../suggestions.ts';
import { type Paint, type Terminal, wideFrom } from '../terminal.ts';
import { cleanDocument } from './clean.ts';
import { clock } from './clock.ts';
import { counted, grouped, moreText } from './counts.ts';
import { inlineName, shortId, shortName } from './ids.ts';
import { prose } from './lines.ts';
import { searchedText } from './searched.ts';
import { tallyText } from './states.ts';
import { type Column, table } from './table.ts';

export function searchText(data: SearchData, asOf: string, terminal: Terminal): string {
  const answer = cleanDocument(data);
  const { workflows, not_shown, searched, terms, nearest } = answer;
  const said = (text: string) => prose(text, terminal.width);
  const lines =
    workflows.length === 0
      ? [
          ...said(`No workflow matches "${inlineName(terms)}" in ${searchedText(searched, asOf)}.`),
          ...nearest.flatMap((near) => said(nearestText(near))),
        ]
      : [
          ...table(workflows, columnsOf(asOf, terminal), terminal),
          ...moreText(not_shown),
          '',
          ...said(totals(answer, terminal.paint)),
          ...nextPage(answer, terminal),
        ];
  return `${lines.join('\n')}\n`;
}

function nextPage({ cursor, terms }: SearchData, { hasHints }: Terminal): string[] {
  return cursor === null || !hasHints ? [] : ['', `NEXT      ${pasted('waybill', 'search', terms, '--after', cursor)}`];
}

function columnsOf(day: string, { width, paint }: Terminal): Column<WorkflowRow>[] {
  const tally = ({ states }: WorkflowRow) => tallyText(states, paint).join(', ');
  return [
    { head: 'WORKFLOW', of: ({ correlation_id }) => (width >= wideFrom ? correlation_id : shortId(correlation_id)) },
    { head: 'OPERATION', of: ({ operation }, columns) => shortName(operation ?? '-', columns), least: 10 },
    { head: 'TENANT', of: ({ tenant_id }, columns) => shortName(tenant_id ?? '-', columns), least: 8 },
    { head: 'BEGAN', of: ({ began_at }) => clock(began_at, day) },
    {
      head: 'MESSAGES',
      of: (row) => `${grouped(row.messages)}: ${tally(row)}`,
      listed: (row) => [`${counted(row.messages, 'message')}: ${tally(row)}`],
      isUnder: 'narrow',
    },
  ];
}

function totals({ workflows, not_shown, total_facts, found_by, is_at_least }: SearchData, paint: Paint): string {
  const count = counted(workflows.length + not_shown, 'workflow');
  const facts = counted(total_facts, 'fact');
  const total = not_shown > 0 && !is_at_least ? `${count}; of those shown ${facts}` : `${count}, ${facts}`;
  // The count is named once: `6 messages by context, 2 by order key`.
  const ways = found_by.map((found, index) => {
    const count = index === 0 ? counted(found.messages, 'message') : grouped(found.messages);
    const label = found.evidence === 'observed' ? '' : ` ${paint.faint(`[${found.evidence}]`)}`;
    return `${count} by ${wayText(found)}${label}`;
  });
  return `${is_at_least ? 'At least ' : ''}${total}${ways.length > 0 ? `: ${ways.join(', ')}` : ''}.`;
}

function wayText({ by, key }: FoundBy): string {
  return by === 'business_key' ? `${inlineName(key ?? 'business')} key` : by;
}

function nearestText({ message_id, event_type, business_key }: Nearest): string {
  const known = [event_type, business_key].flatMap((part) => (part === null ? [] : [inlineName(part)])).join(', ');
  return `did you mean ${shortId(message_id)}${known === '' ? '' : ` (${known})`}?`;
}
