import { listBelow, type Terminal } from '../terminal.ts';
import { padRight, wrap } from './lines.ts';

/** A label in the first ten columns, and each text beside it; below 60 columns, beneath it. */
export function section(label: string, texts: readonly string[], { width }: Terminal): string[] {
  if (texts.length === 0) return [];
  if (width < listBelow) return [label, ...texts.flatMap((text) => wrap(`  ${text}`, width, '    '))];
  return texts.flatMap((text, index) => {
    const [first = '', ...rest] = wrap(text, width - 10, '');
    return [padRight(index === 0 ? label : '', 10) + first, ...rest.map((line) => ' '.repeat(10) + line)];
  });
}
