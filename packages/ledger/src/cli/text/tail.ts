import type { MessageRecord, TailData, TailFact } from '../../questions/tail/answer.ts';
import { type Paint, type Terminal, wideFrom } from '../terminal.ts';
import { cleanDocument } from './clean.ts';
import { clockMs } from './clock.ts';
import { counted, moreText } from './counts.ts';
import { duration } from './duration.ts';
import { inlineName, shortId, shortName } from './ids.ts';
import { padRight } from './lines.ts';
import { windowText } from './searched.ts';
import { type Column, table } from './table.ts';

export function tailText(data: TailData, asOf: string, terminal: Terminal): string {
  const { facts, not_shown, searched } = cleanDocument(data);
  if (facts.length === 0) return `No facts ${windowText(searched.window, asOf)}.\n`;
  // What came before stands before: the newest fact is the last line.
  const lines = [...moreText(not_shown), ...table(facts, columnsOf(asOf, terminal), terminal)];
  return `${lines.join('\n')}\n`;
}

/** One that came after the page, as its next line. */
export function factText(fact: TailFact, asOf: string, terminal: Terminal): string {
  return `${table([cleanDocument(fact)], columnsOf(asOf, terminal), terminal).join('\n')}\n`;
}

/** As wide as most kinds are, so that pages that follow each other stay aligned. */
const kindWidth = 'replayed'.length;

function columnsOf(day: string, { width, paint }: Terminal): Column<TailFact>[] {
  const isWide = width >= wideFrom;
  const figures: Column<TailFact>[] = [
    { head: '', of: ({ at }) => clockMs(at, day) },
    { head: '', of: ({ kind }) => padRight(kind, kindWidth) },
    { head: '', of: (fact, columns) => shortName(nameOf(fact), columns), least: 12, gap: 1 },
    { head: '', of: (fact) => (fact.kind === 'dropped' ? '' : idText(fact.message_id, isWide)) },
    { head: '', of: (fact) => noteText(fact, paint, isWide), isUnder: 'narrow' },
  ];
  return isWide ? [...figures, { head: '', of: whereText, isUnder: 'always' }] : figures;
}

function nameOf(fact: TailFact): string {
  return fact.kind === 'dropped' ? fact.service : (fact.event_type ?? 'message');
}

function idText(id: string, isWide: boolean): string {
  return isWide ? id : shortId(id);
}

/** What to paste into other tools, where there is room for it. */
function whereText(fact: TailFact, width: number): string {
  const trace = fact.kind === 'dropped' ? '' : `  trace ${fact.trace_id}`;
  return shortName(fact.instance, width - trace.length) + trace;
}

function noteText(fact: TailFact, paint: Paint, isWide: boolean): string {
  const text =
    fact.kind === 'dropped' ? `${counted(fact.count, 'fact')}: ${inlineName(fact.why)}` : saidOf(fact, paint, isWide);
  return fact.evidence === 'observed' ? text : `${text} ${paint.faint(`[${fact.evidence}]`)}`.trimStart();
}

function saidOf(fact: MessageRecord, paint: Paint, isWide: boolean): string {
  switch (fact.kind) {
    case 'created':
      return `for ${inlineName(fact.destination)}`;
    case 'sent': {
      const { replay_of, destination, status } = fact;
      const what = replay_of === null ? `to ${inlineName(destination)}` : `replay of ${idText(replay_of, isWide)}`;
      return status === 'taken' ? what : `${what}, ${status}`;
    }
    case 'started': {
      const attempt =
        fact.attempt === null ? `by ${inlineName(fact.subscription ?? fact.destination)}` : `attempt ${fact.attempt}`;
      return fact.redelivered ? `${attempt}, redelivered` : attempt;
    }
    case 'settled': {
      const { outcome, ran_ms, error } = fact;
      const word = outcome === 'dead' || outcome === 'failed' ? paint.bad(outcome) : outcome;
      return `${word}${ran_ms === null ? '' : ` in ${duration(ran_ms)}`}${error === null ? '' : `: ${inlineName(error.type)}`}`;
    }
    case 'gap':
      return `${fact.reason} at ${inlineName(fact.destination)}`;
    case 'discarded':
      return `${fact.how.replace('_', ' ')}${fact.actor === null ? '' : ` by ${inlineName(fact.actor)}`}`;
    case 'replayed':
      return `${fact.new_message_id === null ? '' : 'edited '}by ${inlineName(fact.actor)}`;
  }
}
