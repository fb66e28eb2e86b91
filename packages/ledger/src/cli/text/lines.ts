import { textWidth } from './width.ts';

/** As `padEnd` and `padStart`, in terminal columns: a wide character takes two, an escape none. */
export function padRight(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

export function padLeft(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - textWidth(text))) + text;
}

export function widest(texts: readonly string[], least = 0): number {
  return texts.reduce((width, text) => Math.max(width, textWidth(text)), least);
}

/** Breaks at spaces; a word that is longer than a line stands alone, whole. */
export function wrap(text: string, width: number, indent: string): string[] {
  return fill(text.split(' '), ' ', width, indent);
}

/** Sentences below a page: they end four columns early, as a full line is hard to follow to the next. */
export function prose(text: string, width: number): string[] {
  return wrap(text, width - 4, '  ');
}

/** Puts as many parts on each line as fit; the lines after the first begin with `indent`. */
export function fill(parts: readonly string[], between: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const longer = lines.length > 0 ? `${lines.at(-1)}${between}${part}` : part;
    if (lines.length > 0 && textWidth(longer) > width) lines.push(indent + part);
    else lines[Math.max(0, lines.length - 1)] = longer;
  }
  return lines;
}

/** Columns as wide as their widest cell, two spaces apart; `right` names those that are aligned to the right. */
export function columns(
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
  gaps: readonly number[] = [],
): string[] {
  const widths = (rows[0] ?? []).map((_, column) => widest(rows.map((row) => row[column] ?? '')));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const padded = right.includes(column)
          ? padLeft(cell, widths[column] ?? 0)
          : padRight(cell, widths[column] ?? 0);
        return column < row.length - 1 ? padded + ' '.repeat(gaps[column] ?? 2) : padded;
      })
      .join('')
      .trimEnd(),
  );
}
