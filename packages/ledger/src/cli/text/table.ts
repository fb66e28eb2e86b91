import { listBelow, notesBesideFrom, type Terminal } from '../terminal.ts';
import { columns, widest, wrap } from './lines.ts';

export interface Column<Item> {
  readonly head: string;
  /** Its text in so many columns, or fewer. Only a name becomes shorter: figures, ids and verdicts are never cut. */
  readonly of: (item: Item, width: number) => string;
  /** It is a name, and gives way down to so many columns. The first one leads where each field has its own line. */
  readonly least?: number;
  readonly isRight?: true;
  /** It stands under its row: on a narrow page, or always. */
  readonly isUnder?: 'narrow' | 'always';
  /** Columns between it and the next. */
  readonly gap?: number;
  /** What its own lines say; otherwise its head and its text. */
  readonly listed?: (item: Item, width: number) => readonly string[];
}

/** Rows under their heads; below 60 columns, and where figures would not fit, each field on a line of its own. */
export function table<Item>(
  items: readonly Item[],
  all: readonly Column<Item>[],
  { width }: Terminal,
  indent = '',
): string[] {
  return rowsOf(items, all, width, width - indent.length).map((line) => indent + line);
}

/** The page decides how rows are laid out; they have what its indent leaves. */
function rowsOf<Item>(items: readonly Item[], all: readonly Column<Item>[], page: number, width: number): string[] {
  const listing = () => items.flatMap((item) => listed(item, all, width));
  if (page < listBelow) return listing();
  const always = all.filter(({ isUnder }) => isUnder !== 'always');
  const seldom = always.filter(({ isUnder }) => isUnder !== 'narrow');
  const besides = page >= notesBesideFrom ? [always, seldom] : [seldom];
  for (const beside of besides) {
    const widths = fitted(items, beside, width);
    if (widths)
      return tabled(
        items,
        beside,
        widths,
        all.filter((column) => !beside.includes(column)),
        width,
      );
  }
  return listing();
}

/** How wide each column is; null where its names cannot give way as far as they would have to. */
function fitted<Item>(items: readonly Item[], all: readonly Column<Item>[], width: number): number[] | null {
  const widths = all.map(({ head, of }) => widest([head, ...items.map((item) => of(item, Number.POSITIVE_INFINITY))]));
  const leasts = all.map(({ head, least }, index) =>
    least === undefined ? (widths[index] ?? 0) : Math.max(least, widest([head])),
  );
  let excess = startOf(all.length, all, widths) - (all.at(-1)?.gap ?? 2) - width;
  for (; excess > 0; excess--) {
    // The widest gives way first, so that short names stay whole.
    const index = widths.reduce<number>((wide, own, each) => {
      if (own <= (leasts[each] ?? 0)) return wide;
      return wide === -1 || own > (widths[wide] ?? 0) ? each : wide;
    }, -1);
    if (index === -1) return null;
    widths[index] = (widths[index] ?? 0) - 1;
  }
  return widths;
}

function startOf(index: number, all: readonly Column<never>[], widths: readonly number[]): number {
  return widths.slice(0, index).reduce((start, own, each) => start + own + (all[each]?.gap ?? 2), 0);
}

function leadOf(all: readonly Column<never>[]): number {
  return Math.max(
    0,
    all.findIndex(({ least }) => least !== undefined),
  );
}

function tabled<Item>(
  items: readonly Item[],
  beside: readonly Column<Item>[],
  widths: readonly number[],
  under: readonly Column<Item>[],
  width: number,
): string[] {
  const heads = beside.some(({ head }) => head !== '') ? [beside.map(({ head }) => head)] : [];
  const lines = columns(
    [...heads, ...items.map((item) => beside.map(({ of }, index) => of(item, widths[index] ?? 0)))],
    beside.flatMap(({ isRight }, index) => (isRight ? [index] : [])),
    beside.map(({ gap }) => gap ?? 2),
  );
  const indent = startOf(leadOf(beside), beside, widths) || 2;
  return lines.flatMap((line, index) => {
    const item = items[index - heads.length];
    return item === undefined ? [line] : [line, ...under.flatMap((column) => underLines(item, column, indent, width))];
  });
}

function underLines<Item>(item: Item, { of, listed: own }: Column<Item>, indent: number, width: number): string[] {
  const room = width - indent;
  return (own?.(item, room) ?? [of(item, room)])
    .filter((text) => text !== '')
    .flatMap((text) => wrap(text, room, '').map((line) => ' '.repeat(indent) + line));
}

function listed<Item>(item: Item, all: readonly Column<Item>[], width: number): string[] {
  const lead = all[leadOf(all)];
  return all
    .toSorted((a, b) => Number(b === lead) - Number(a === lead))
    .flatMap((column) => {
      if (column === lead) return [column.of(item, width).trimEnd()];
      const texts = column.listed?.(item, width - 2) ?? [labelled(column, item, width - 2)];
      return texts.flatMap((text) => (text.trimEnd() === '' ? [] : wrap(`  ${text.trimEnd()}`, width, '    ')));
    });
}

function labelled<Item>({ head, of }: Column<Item>, item: Item, width: number): string {
  const text = of(item, width - head.length - 1);
  return text === '' || head === '' ? text : `${head.toLowerCase()} ${text}`;
}
