import { listBelow, type Terminal } from '../terminal.ts';
import { fill, padRight, widest, wrap } from './lines.ts';
import { textWidth } from './width.ts';

/** The head of a section, and what it sums up. */
export function headLines(head: string, sums: readonly string[], { width }: Terminal): string[] {
  if (width < listBelow) return [head, ...sums.flatMap((sum) => wrap(`  ${sum}`, width, '    '))];
  const line = `${head}  ${sums.join(', ')}`;
  return textWidth(line) <= width ? [line] : [head, ...flow(sums, width - 2).map((rest) => `  ${rest}`)];
}

/** As wide as a head with its label, so that what stands beside names begins where what stands beside heads does. */
export const nameWidth = 'CAUSED [observed]'.length - 2;

/** A name within a section, and what there is to say of it. */
export function namedLines(name: string, parts: readonly string[], { width }: Terminal): string[] {
  if (width < listBelow) return [`  ${name}`, ...parts.flatMap((part) => wrap(`    ${part}`, width, '      '))];
  const indent = ' '.repeat(nameWidth + 4);
  const [first = '', ...rest] = flow(parts, width - indent.length);
  return [`  ${padRight(name, nameWidth)}  ${first}`, ...rest.map((line) => indent + line)];
}

/** A count and what it counts stay on one line where one is long enough for them. */
function flow(parts: readonly string[], width: number): string[] {
  const joined = parts.map((part, index) => (index < parts.length - 1 ? `${part},` : part));
  return widest(joined) <= width ? fill(joined, ' ', width, '') : wrap(joined.join(' '), width, '');
}
