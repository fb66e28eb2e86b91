import type { ReplayData, Replayed, Twice } from '../../questions/replay/answer.ts';
import { listBelow, type Terminal, wideFrom } from '../terminal.ts';
import { causedSection } from './blast-caused.ts';
import { cleanDocument } from './clean.ts';
import { clock } from './clock.ts';
import { moreText } from './counts.ts';
import { inlineName, messageName, shortId, shortName } from './ids.ts';
import { fill } from './lines.ts';
import { accountText, placeText } from './places.ts';
import { section } from './section.ts';
import { paintedState, stateWord } from './states.ts';
import { unknownsSection } from './why-effects.ts';

const shownMax = 8;

/** What sending a message once more would do: where to, and what it has done already. */
export function replayText(data: ReplayData, asOf: string, terminal: Terminal): string {
  const answer = cleanDocument(data);
  const { caused, message_id, replays } = answer;
  const id = shortId(message_id);
  const parts = [
    head(answer, terminal),
    [
      ...section('AGAIN', [againText(answer, terminal)], terminal),
      ...section(
        'BEFORE',
        replays.map((replay) => replayedText(replay, asOf)),
        terminal,
      ),
    ],
    causedSection(answer, caused.slice(0, shownMax), terminal),
    [
      ...section('TWICE', twiceTexts(answer, asOf, terminal), terminal),
      ...unknownsSection(answer, terminal),
      ...section('NEXT', terminal.hasHints ? [`waybill replay ${id} --execute`] : [], terminal),
    ],
  ];
  const between = terminal.width < listBelow ? '\n' : '\n\n';
  return `${parts.map((lines) => lines.join('\n')).join(between)}\n`;
}

function head(answer: ReplayData, { width, paint }: Terminal): string[] {
  const { state, attempts, max_attempts, business_key, redelivers, message_id } = answer;
  const limit = max_attempts === null ? '' : `, limit ${max_attempts}`;
  const standing = `${stateWord(state)}${attempts === 0 ? '' : ` ${state === 'done' ? 'on' : 'after'} attempt ${attempts}${limit}`}`;
  const name = inlineName(messageName({ ...answer, destination: redelivers.destination, message_id }));
  const fields = [name, paintedState(state, paint, standing), accountText(answer), business_key ?? ''];
  const shown = fields.filter((field) => field !== '').map((field) => shortName(field, width - 2));
  if (width < listBelow) return shown.map((field, index) => (index === 0 ? field : `  ${field}`));
  return fill(shown, '  ', width, '  ');
}

function againText({ message_id, redelivers }: ReplayData, { width }: Terminal): string {
  const { system, destination, subscription, broker_id } = redelivers;
  const id = width >= wideFrom ? message_id : shortId(message_id);
  const known = broker_id === null ? '' : `, delivered as ${broker_id}`;
  return `${id} to ${inlineName(placeText(destination, subscription))}, by the replay of ${inlineName(system)}${known}`;
}

function replayedText({ actor, reason, at, new_message_id }: Replayed, day: string): string {
  const edited = new_message_id === null ? '' : `, edited, as ${shortId(new_message_id)}`;
  return `${clock(at, day)} by ${inlineName(actor)}${edited}: ${reason}`;
}

function twiceTexts({ twice, twice_not_shown }: ReplayData, day: string, terminal: Terminal): string[] {
  if (twice.length === 0) return ['nothing that is known'];
  const shown = twice.slice(0, shownMax).map((row) => twiceText(row, day, terminal));
  return [...shown, ...moreText(twice.length - shown.length + twice_not_shown)];
}

function twiceText(row: Twice, day: string, { paint, width }: Terminal): string {
  const { kind, event_type, message_id, state, destination, subscription, at, evidence } = row;
  const name = `${inlineName(event_type ?? 'message')} ${width >= wideFrom ? message_id : shortId(message_id)}`;
  const label = evidence === 'observed' ? '' : ` ${paint.faint(`[${evidence}]`)}`;
  const stands = paintedState(state, paint, stateWord(state));
  const place = inlineName(placeText(destination, subscription));
  switch (kind) {
    case 'run':
      return `${name} has run at ${place}, ok at ${clock(at, day)}${label}`;
    case 'wait':
      return `${name} is ${stands} at ${place} as it is${label}`;
    case 'effect':
      return `${name} was sent to ${place}, ${stands}${label}`;
    case 'replay':
      return `${name} is an edited replay of it, ${stands}${label}`;
  }
}
