import { styleText } from 'node:util';

/** What a reader's terminal can show. Colour only repeats a printed word, so that nothing is lost without it. */
export interface Terminal {
  readonly width: number;
  readonly paint: Paint;
  readonly strokes: Strokes;
  readonly hasHints: boolean;
}

export interface Paint {
  /** Failures and what is overdue. */
  bad(text: string): string;
  /** A lease that was lost. */
  warn(text: string): string;
  /** Labels of evidence. */
  faint(text: string): string;
}

/** The lines of a tree, each two columns wide. */
export interface Strokes {
  readonly branch: string;
  readonly last: string;
  readonly through: string;
  readonly none: string;
}

interface TerminalOptions {
  readonly color?: string | undefined;
  readonly noHints?: boolean | undefined;
}

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Below it each field has a line of its own. */
export const listBelow = 60;
/** Below it notes stand under what they are about. */
export const notesBesideFrom = 80;
/** From it on ids are whole, and instances and traces are told. */
export const wideFrom = 120;
const widthMin = 20;

export function terminalOf(stream: Stream, env: NodeJS.ProcessEnv, { color, noHints }: TerminalOptions): Terminal {
  const isTerminal = stream.isTTY === true;
  return {
    width: widthOf(stream, env),
    paint: isColoured(isTerminal, env, color) ? COLOURS : PLAIN,
    strokes: isUtf8(env) ? LINES : ASCII,
    hasHints: isTerminal && noHints !== true,
  };
}

function widthOf(stream: Stream, env: NodeJS.ProcessEnv): number {
  const given = Number(env['COLUMNS']);
  const width = stream.isTTY ? stream.columns || given : given;
  return Number.isInteger(width) && width > 0 ? Math.max(widthMin, width) : 80;
}

function isColoured(isTerminal: boolean, env: NodeJS.ProcessEnv, color: string | undefined): boolean {
  if (color === 'always') return true;
  if (color === 'never') return false;
  return isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

/** A locale that names another encoding says no; none at all, as in most containers, says nothing. */
function isUtf8(env: NodeJS.ProcessEnv): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return locale === '' || /utf-?8/i.test(locale);
}

const LINES: Strokes = { branch: '├ ', last: '└ ', through: '│ ', none: '  ' };
const ASCII: Strokes = { branch: '- ', last: '- ', through: '| ', none: '  ' };

// The stream was looked at already, with what the environment and `--color` say.
const always = { validateStream: false };
const COLOURS: Paint = {
  bad: (text) => styleText('red', text, always),
  warn: (text) => styleText('yellow', text, always),
  faint: (text) => styleText('dim', text, always),
};
const PLAIN: Paint = { bad: (text) => text, warn: (text) => text, faint: (text) => text };
