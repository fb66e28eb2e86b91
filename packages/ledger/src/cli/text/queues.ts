import type { QueueRow, QueuesData } from '../../questions/queues/answer.ts';
import type { Paint, Terminal } from '../terminal.ts';
import { cleanDocument } from './clean.ts';
import { counted, grouped, moreText } from './counts.ts';
import { duration } from './duration.ts';
import { inlineName, shortName } from './ids.ts';
import { prose } from './lines.ts';
import { searchedText } from './searched.ts';
import { type Column, table } from './table.ts';

export function queuesText(data: QueuesData, asOf: string, terminal: Terminal): string {
  const answer = cleanDocument(data);
  const { queues, unknown, not_shown, searched, destinations, is_at_least } = answer;
  const { paint, width } = terminal;
  if (queues.length === 0 && unknown.length === 0)
    return `${prose(`No queues among ${counted(destinations, 'destination')} in ${searchedText(searched, asOf)}.`, width).join('\n')}\n`;
  const rows = queues.filter(({ depth }) => depth !== 0);
  const empty = queues.length - rows.length;
  const remarks = [
    ...(rows.length === 0 && empty > 0 ? ['Nothing waits.'] : []),
    ...(rows.some(({ is_lease_long }) => is_lease_long) ? ['! lease above 20x the p99 run.'] : []),
    ...(rows.some(isCounted)
      ? [`* ${paint.faint('[inferred]')} from sends without a start${is_at_least ? ', at least' : ''}.`]
      : []),
    ...unknown.map(
      (each) =>
        `${inlineName(each.destination)}: unknown, ${each.because === 'no_facts' ? 'no facts' : 'facts are missing'}.`,
    ),
    ...(empty > 0 ? [`${grouped(empty)} empty.`] : []),
  ];
  const lines = [
    ...(rows.length > 0 ? table(rows, columnsOf(paint), terminal) : []),
    ...moreText(not_shown),
    ...(remarks.length > 0 ? prose(remarks.join(' '), width) : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** Nobody looked into the queue: it was worked out from facts. */
function isCounted({ depth, depth_evidence }: QueueRow): boolean {
  return depth !== null && depth_evidence === 'inferred';
}

function columnsOf(paint: Paint): Column<QueueRow>[] {
  return [
    { head: 'QUEUE', of: ({ destination }, columns) => shortName(destination, columns), least: 10 },
    { head: 'DEPTH', of: (row) => known(row.depth, grouped) + (isCounted(row) ? '*' : ''), isRight: true },
    { head: 'OLDEST', of: ({ oldest_ms }) => known(oldest_ms, duration), isRight: true },
    { head: 'CONSUMERS', of: ({ consumers }) => known(consumers, grouped), isRight: true },
    {
      head: 'QUEUED P50, P99',
      of: ({ queued_p50_ms, queued_p99_ms }) =>
        queued_p50_ms === null && queued_p99_ms === null
          ? 'unknown'
          : `${known(queued_p50_ms, duration)}, ${known(queued_p99_ms, duration)}`,
      isRight: true,
      listed: ({ queued_p50_ms, queued_p99_ms }) => [
        `queued p50 ${known(queued_p50_ms, duration)}`,
        `queued p99 ${known(queued_p99_ms, duration)}`,
      ],
    },
    { head: 'RUN P99', of: ({ run_p99_ms }) => known(run_p99_ms, duration), isRight: true },
    {
      head: 'LEASE',
      of: ({ lease_ms }) => known(lease_ms, duration),
      isRight: true,
      gap: 1,
      listed: (row) => [`lease ${known(row.lease_ms, duration)}${row.is_lease_long ? ` ${paint.warn('!')}` : ''}`],
    },
    { head: '', of: ({ is_lease_long }) => (is_lease_long ? paint.warn('!') : ''), listed: () => [] },
  ];
}

/** What nobody declared, learned or probed is no zero. */
function known(value: number | null, text: (value: number) => string): string {
  return value === null ? 'unknown' : text(value);
}
