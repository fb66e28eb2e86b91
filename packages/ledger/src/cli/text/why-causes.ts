import type { Cause } from '../../questions/why/chain.ts';
import type { WhyAnswer } from '../../questions/why/why.ts';
import { listBelow, type Terminal, wideFrom } from '../terminal.ts';
import { clockMs } from './clock.ts';
import { shortId, shortName } from './ids.ts';
import { columns, wrap } from './lines.ts';

/** A longer chain shows its first and last links: where it began, and what happened just before. */
const shownFirst = 4;
const shownLast = 8;

export function causesSection({ causes }: WhyAnswer, day: string, { width, paint }: Terminal): string[] {
  const labels = [...new Set(causes.map(({ evidence }) => evidence))];
  // One label for all of them stands in the head; where they differ, each that is not observed bears its own.
  const [common] = labels.length === 1 ? labels : [];
  const head = common ? `CAUSED BY ${paint.faint(`[${common}]`)}` : 'CAUSED BY';
  const rows = causes.map((cause) => {
    const label = common || cause.evidence === 'observed' ? '' : paint.faint(`[${cause.evidence}]`);
    return [
      ...cells(cause, day, width),
      [cause.via === 'replay' ? 'replayed as' : '', label].filter(Boolean).join(' '),
    ];
  });
  const blocks =
    width < listBelow
      ? rows.map((row) =>
          row.filter((cell) => cell !== '').map((cell, index) => (index === 0 ? `  ${cell}` : `    ${cell}`)),
        )
      : columns(rows, [], [4]).map((line) => [`  ${line}`]);
  return [head, ...withoutMiddle(blocks).flat(), ...causes.flatMap((cause) => reasons(cause, width))];
}

function cells(cause: Cause, day: string, width: number): string[] {
  const isWide = width >= wideFrom;
  const isKnown = cause.at !== null;
  const nameWidth = width < listBelow ? width - 2 : Math.max(14, width - 58);
  const unnamed = cause.kind === 'batch' ? batchText(cause) : isKnown ? '-' : 'no facts';
  return [
    shortName(cause.event_type ?? unnamed, nameWidth),
    isWide ? cause.message_id : shortId(cause.message_id),
    cause.at === null ? '' : clockMs(cause.at, day),
    shortName(cause.destination ?? '', 24),
    ...(isWide ? [shortName(cause.instance ?? '', 24)] : []),
  ];
}

/** The chain goes on with the first of its messages; `--json` names them all. */
function batchText({ items, items_missing }: Cause): string {
  const count = items.length + items_missing;
  return `batch of ${items.length === 0 ? 'unknown messages' : count}`;
}

function reasons({ because, evidence }: Cause, width: number): string[] {
  return because.length === 0 ? [] : wrap(`  [${evidence}] ${because.join(', ')}`, width - 4, '  ');
}

function withoutMiddle(blocks: readonly string[][]): string[][] {
  const count = blocks.length - shownFirst - shownLast;
  if (count <= 1) return [...blocks];
  return [...blocks.slice(0, shownFirst), [`  … ${count} more, with --json`], ...blocks.slice(-shownLast)];
}
