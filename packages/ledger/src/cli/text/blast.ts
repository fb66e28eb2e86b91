import type { BlastData, CausedRow } from '../../questions/blast/answer.ts';
import type { Terminal } from '../terminal.ts';
import { causedSection } from './blast-caused.ts';
import { troubleListSection, troubleSection } from './blast-trouble.ts';
import { cleanDocument } from './clean.ts';
import { shortId } from './ids.ts';
import { prose } from './lines.ts';
import { searchedText } from './searched.ts';

const shownMax = 8;

/** What a message led to, and whom the same trouble hit: the nearest of the one, the sums of the other. */
export function blastText(data: BlastData, asOf: string, terminal: Terminal): string {
  const answer = cleanDocument(data);
  const { same_trouble, caused, message_id } = answer;
  const isMore = caused.length > shownMax || same_trouble?.some(({ messages }) => messages > 0);
  const next = terminal.hasHints && isMore ? [`NEXT      waybill blast ${shortId(message_id)} --list`] : [];
  return page(answer, asOf, terminal, caused.slice(0, shownMax), troubleSection, next);
}

/** The same, message by message. */
export function blastListText(data: BlastData, asOf: string, terminal: Terminal): string {
  const answer = cleanDocument(data);
  return page(answer, asOf, terminal, answer.caused, troubleListSection, []);
}

function page(
  answer: BlastData,
  asOf: string,
  terminal: Terminal,
  shown: readonly CausedRow[],
  troubleOf: typeof troubleSection,
  next: readonly string[],
): string {
  const { same_trouble, caused, searched, message_id } = answer;
  const looked = same_trouble === null ? [[`SAME TROUBLE ${terminal.paint.faint('[unknown]')}  nobody looked`]] : [];
  const troubles = (same_trouble ?? []).map((trouble) => troubleOf(trouble, asOf, terminal));
  if (caused.length === 0 && troubles.length === 0) {
    const alike = same_trouble === null ? '' : ', and nothing else hit by its trouble,';
    const nothing = `Nothing caused by ${shortId(message_id)}${alike} in ${searchedText(searched, asOf)}.`;
    return `${[...prose(nothing, terminal.width), ...looked.flat()].join('\n')}\n`;
  }
  const sections = [causedSection(answer, shown, terminal), ...troubles, ...looked].map((lines) => lines.join('\n'));
  return `${[sections.join('\n\n'), ...next].join('\n')}\n`;
}
