import type { Effect } from '../../questions/why/effects.ts';
import type { WhyAnswer } from '../../questions/why/why.ts';
import { type Terminal, wideFrom } from '../terminal.ts';
import { duration } from './duration.ts';
import { shortId, shortName } from './ids.ts';
import { noConsumersText, placeText } from './places.ts';
import { section } from './section.ts';

const shownMax = 8;

export function effectsSection({ effects, has_more_effects }: WhyAnswer, day: string, terminal: Terminal): string[] {
  const texts = effects.slice(0, shownMax).map((effect) => effectText(effect, day, terminal));
  const count = effects.length - shownMax;
  if (count > 0) texts.push(`… ${has_more_effects ? 'at least ' : ''}${count} more, with --json`);
  return section('EFFECTS', texts, terminal);
}

/** A wait or a run that is not over tells its length; what is over tells only how it ended. */
function effectText(
  { kind, event_type, message_id, state, elapsed_ms, overdue_ms, no_consumers, evidence }: Effect,
  day: string,
  { paint, width }: Terminal,
): string {
  const name = shortName(event_type ?? 'message', Math.max(16, width - 40));
  const id = width >= wideFrom ? message_id : shortId(message_id);
  const ms = overdue_ms ?? (state === 'waiting' || state === 'running' ? elapsed_ms : null);
  const word = state === 'dead' || state === 'overdue' ? paint.bad(state === 'dead' ? 'DEAD' : state) : state;
  const label = evidence === 'observed' ? '' : ` ${paint.faint(`[${evidence}]`)}`;
  const length = ms === null ? '' : ` ${duration(ms)}`;
  const why = no_consumers === null ? '' : `: ${noConsumersText(no_consumers, day)}`;
  return `${name} ${id} ${word}${length}${kind === 'replay' ? ', edited replay' : ''}${label}${why}`;
}

export function unknownsSection({ unknowns }: Pick<WhyAnswer, 'unknowns'>, terminal: Terminal): string[] {
  const texts = unknowns.map(({ question, because, ask_for }) => {
    const reason = because === null ? '' : ` ${because.charAt(0).toUpperCase()}${because.slice(1)}`;
    return `${question}${reason}${ask_for === null ? '' : ` Ask for key ${ask_for}`}`;
  });
  return section('UNKNOWN', texts, terminal);
}

export function gapsSection({ gaps }: WhyAnswer, terminal: Terminal): string[] {
  return section(
    'GAP',
    gaps.map(({ reason, missing, from, to }) => {
      const place = from === null ? `at ${to}` : `${from} -> ${to}`;
      return `${place}: ${reason}${missing.length > 0 ? `, without ${missing.join(', ')}` : ''}`;
    }),
    terminal,
  );
}

export function elsewhereSection({ also_at }: WhyAnswer, terminal: Terminal): string[] {
  return section(
    'ALSO AT',
    also_at.map(({ destination, subscription, state, attempts, elapsed_ms }) => {
      const place = placeText(destination, subscription);
      const on = attempts === 0 ? '' : `, attempt ${attempts}`;
      return `${place} ${state}${on}${elapsed_ms === null ? '' : `, ${duration(elapsed_ms)}`}`;
    }),
    terminal,
  );
}
