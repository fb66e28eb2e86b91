import type { WhyAnswer } from '../../questions/why/why.ts';
import { listBelow, type Terminal } from '../terminal.ts';
import { dayText } from './clock.ts';
import { duration } from './duration.ts';
import { messageName, shortId } from './ids.ts';
import { fill, padLeft, padRight, widest, wrap } from './lines.ts';
import { accountText } from './places.ts';
import { clausesOf } from './sentences.ts';
import { causesSection } from './why-causes.ts';
import { effectsSection, elsewhereSection, gapsSection, unknownsSection } from './why-effects.ts';
import { executionsSection } from './why-executions.ts';

/** The answer to `why` as text: the verdict first, then the sum that proves it, then what it rests on. */
export function whyText(answer: WhyAnswer, asOf: string, terminal: Terminal): string {
  const day = answer.begins_at;
  const parts = [
    head(answer, dayText(day, asOf), terminal),
    [...sum(answer, terminal), ...sentences(answer, day, terminal)],
    causesSection(answer, day, terminal),
    executionsSection(answer, day, terminal),
    [
      ...elsewhereSection(answer, terminal),
      ...gapsSection(answer, terminal),
      ...effectsSection(answer, day, terminal),
      ...unknownsSection(answer, terminal),
      ...(terminal.hasHints ? [`NEXT      waybill blast ${shortId(answer.message_id)}`] : []),
    ],
  ];
  const between = terminal.width < listBelow ? '\n' : '\n\n';
  const [first, ...rest] = parts.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${[first, ...rest].join(between)}\n`;
}

function head(answer: WhyAnswer, date: string, { width, paint }: Terminal): string[] {
  const { business_key } = answer;
  const place = accountText(answer);
  const standing = standingText(answer);
  const shown = /^(DEAD|OVERDUE)/.test(standing) ? paint.bad(standing) : standing;
  const fields = [messageName(answer), shown, place, business_key ?? '', date].filter((field) => field !== '');
  if (width < listBelow) return fields.map((field, index) => (index === 0 ? field : `  ${field}`));
  return fill(fields, '  ', width, '  ');
}

function standingText({ state, attempts, max_attempts, causes, verdicts }: WhyAnswer): string {
  const limit = max_attempts === null ? '' : `, limit ${max_attempts}`;
  const overdue = verdicts.find((verdict) => verdict.kind === 'overdue');
  if (overdue) return `OVERDUE ${duration(overdue.overdue_ms)}`;
  // An ingress is tried once by whoever asks: to number it would say nothing.
  if (attempts === 0 || causes.at(-1)?.kind === 'ingress') return state === 'dead' ? 'DEAD' : state;
  if (state === 'dead') return `DEAD after attempt ${attempts}${limit}`;
  if (state === 'waiting') return `waiting after attempt ${attempts}${limit}`;
  if (state === 'running') return `running attempt ${attempts}${limit}`;
  return `${state} ${state === 'done' ? 'on' : 'after'} attempt ${attempts}${limit}`;
}

const SUM_ORDER = ['run', 'queued', 'scheduled', 'backoff', 'parked', 'unaccounted', 'lease_lost'] as const;

function sum({ elapsed_ms, totals_ms }: WhyAnswer, { width, paint }: Terminal): string[] {
  if (elapsed_ms === null) return [];
  const parts = SUM_ORDER.flatMap((kind) => {
    const ms = totals_ms[kind];
    return ms === undefined
      ? []
      : [{ name: kind.replace('_', ' '), time: duration(ms), isLost: kind === 'lease_lost' }];
  });
  if (parts.length === 0) return [duration(elapsed_ms)];
  const lost = (text: string, isLost: boolean) => (isLost ? paint.warn(text) : text);
  if (width >= listBelow) {
    const terms = parts.map(
      ({ name, time, isLost }, index) => `${index === 0 ? '=' : '+'} ${lost(`${name} ${time}`, isLost)}`,
    );
    return fill([duration(elapsed_ms), ...terms], ' ', width, '  ');
  }
  const [names, times] = [widest(parts.map(({ name }) => name)), widest(parts.map(({ time }) => time))];
  return [
    duration(elapsed_ms),
    ...parts.map(({ name, time, isLost }, index) =>
      lost(`  ${index === 0 ? '=' : '+'} ${padRight(name, names)}  ${padLeft(time, times)}`, isLost),
    ),
  ];
}

function sentences({ verdicts }: WhyAnswer, day: string, { width, paint }: Terminal): string[] {
  return verdicts.flatMap((verdict) => {
    const label = `[${verdict.evidence}]`;
    const clauses = clausesOf(verdict, day);
    const isNarrow = width < listBelow;
    const parts = isNarrow ? clauses : [clauses.join(', ')];
    const indent = isNarrow ? '  ' : ' '.repeat(label.length + 1);
    // Prose ends four columns early: a full line is hard to follow to the next.
    const [first = '', ...rest] = parts.flatMap((part, index) =>
      wrap(index === 0 ? `${label} ${part}` : indent + part, width - 4, indent),
    );
    return [first.replace(label, paint.faint(label)), ...rest];
  });
}
