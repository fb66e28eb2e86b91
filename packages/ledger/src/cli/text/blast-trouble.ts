import type { DownstreamRow, OtherRow, SameTroubleRow } from '../../questions/blast/answer.ts';
import { type Paint, type Terminal, wideFrom } from '../terminal.ts';
import { clockMinute } from './clock.ts';
import { counted, grouped, moreText } from './counts.ts';
import { headLines, namedLines, nameWidth } from './headed.ts';
import { inlineName, shortId, shortName } from './ids.ts';
import { padRight } from './lines.ts';
import { accountText } from './places.ts';
import { paintedState, tallyText } from './states.ts';
import { type Column, table } from './table.ts';

const tenantsMax = 8;

/** Whom else one trouble hit, in sums. */
export function troubleSection(trouble: SameTroubleRow, day: string, terminal: Terminal): string[] {
  const { messages, states, tenants, downstream } = trouble;
  const { paint } = terminal;
  const most = tenants.toSorted((a, b) => b.messages - a.messages);
  const named = most
    .slice(0, tenantsMax)
    .map((tenant) => `${inlineName(tenant.tenant_id ?? 'no tenant')} ${grouped(tenant.messages)}`);
  const effects = downstream.map((row) => downstreamText(row, paint));
  return [
    ...troubleHead(trouble, day, terminal),
    ...namedLines(counted(messages, 'other'), late(tallyText(states, paint), trouble), terminal),
    ...(named.length > 0 ? namedLines('tenants', [...named, ...moreText(most.length - named.length)], terminal) : []),
    ...(effects.length > 0 ? namedLines('downstream', effects, terminal) : []),
  ];
}

/** The same, message by message. */
export function troubleListSection(trouble: SameTroubleRow, day: string, terminal: Terminal): string[] {
  return [
    ...troubleHead(trouble, day, terminal),
    ...table(trouble.others, columnsOf(trouble, terminal), terminal, '  '),
    ...moreText(trouble.others_not_shown).map((line) => `  ${line}`),
  ];
}

function troubleHead(trouble: SameTroubleRow, day: string, terminal: Terminal) {
  const { kind, instance, title, first_at, evidence, is_at_least } = trouble;
  const what =
    kind === 'lost' && instance !== null
      ? `worker ${inlineName(instance)} went silent`
      : shortName(title, terminal.width - 12);
  const head = `SAME TROUBLE ${terminal.paint.faint(`[${evidence}]`)}`;
  return headLines(head, [what, clockMinute(first_at, day), ...(is_at_least ? ['at least these'] : [])], terminal);
}

/** What was done although its first worker went silent was done when the lease had run out. */
function late(states: readonly string[], { kind }: SameTroubleRow): string[] {
  return kind === 'lost' ? states.map((state) => state.replace(/\bdone$/, 'done late')) : [...states];
}

function downstreamText({ messages, event_type, state, because, evidence }: DownstreamRow, paint: Paint): string {
  const why = because === 'no_consumers' ? ' (no consumer)' : '';
  const label = evidence === 'observed' ? '' : ` ${paint.faint(`[${evidence}]`)}`;
  return `${grouped(messages)} ${inlineName(event_type ?? 'messages')} ${paintedState(state, paint)}${why}${label}`;
}

function columnsOf(trouble: SameTroubleRow, { width, paint }: Terminal): Column<OtherRow>[] {
  const isWide = width >= wideFrom;
  const instance: Column<OtherRow> = { head: '', of: (row, columns) => shortName(row.instance, columns), least: 8 };
  return [
    {
      head: '',
      of: ({ event_type }, columns) => padRight(shortName(event_type ?? 'message', columns), nameWidth),
      least: nameWidth,
    },
    { head: '', of: ({ message_id }) => (isWide ? message_id : shortId(message_id)) },
    { head: '', of: ({ state }) => late([paintedState(state, paint)], trouble).join('') },
    { head: '', of: (row, columns) => shortName(accountText(row), columns), least: 10 },
    ...(isWide ? [instance] : []),
    { head: '', of: ({ effects }) => effectsText(effects, paint), isUnder: 'narrow' },
  ];
}

function effectsText(effects: OtherRow['effects'], paint: Paint): string {
  return effects
    .map(({ event_type, state }) => `${inlineName(event_type ?? 'message')} ${paintedState(state, paint)}`)
    .join(', ');
}
