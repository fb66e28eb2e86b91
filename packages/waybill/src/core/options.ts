import { waybillError } from './errors.ts';

/** What an option has to be, in words, and the test of it. */
export interface OptionRule {
  readonly expected: string;
  readonly fits: (value: unknown) => boolean;
  readonly required?: boolean;
}

export const isText: OptionRule = {
  expected: 'a string with at least one character',
  fits: (value) => typeof value === 'string' && value.length > 0,
};
export const isTexts: OptionRule = {
  expected: 'a list of strings',
  fits: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
};
export const isOrigins: OptionRule = {
  expected: 'a list of origins such as "https://payments.internal", without a path',
  fits: (value) => isTexts.fits(value) && (value as string[]).every(isOrigin), // sound: just tested
};
export const isFunction: OptionRule = { expected: 'a function', fits: (value) => typeof value === 'function' };
export const isFlag: OptionRule = { expected: 'true or false', fits: (value) => typeof value === 'boolean' };
export const isCount: OptionRule = {
  expected: 'a whole number of at least 1',
  fits: (value) => Number.isInteger(value) && (value as number) >= 1,
};

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/** An option that takes one of a few words. */
export function isOneOf(...words: string[]): OptionRule {
  return {
    expected: `one of ${words.map((word) => `"${word}"`).join(', ')}`,
    fits: (value) => words.includes(value as string),
  };
}

/**
 * Checks the options of a public function: every one must be known, and of its kind. The same words everywhere.
 *
 * @throws OPTION_UNKNOWN with the nearest name, OPTION_INVALID, OPTION_MISSING.
 */
export function checkOptions(where: string, options: object, rules: Readonly<Record<string, OptionRule>>): void {
  if (typeof options !== 'object' || options === null) {
    throw waybillError('OPTION_INVALID', where, 'options', 'an object', nameOf(options));
  }
  for (const [option, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, option) ? rules[option] : undefined;
    if (rule === undefined) throw waybillError('OPTION_UNKNOWN', where, option, nearest(option, Object.keys(rules)));
    if (value !== undefined && !rule.fits(value)) {
      throw waybillError('OPTION_INVALID', where, option, rule.expected, nameOf(value));
    }
  }
  for (const [option, rule] of Object.entries(rules)) {
    if (rule.required && (options as Record<string, unknown>)[option] === undefined) {
      throw waybillError('OPTION_MISSING', where, option, rule.expected);
    }
  }
}

/** A value as an error message may show it: short, and never the inside of an object. */
function nameOf(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 60));
  if (typeof value === 'number' || typeof value === 'boolean' || value == null) return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

const NEAR_EDITS_MAX = 2;

function nearest(given: string, known: readonly string[]): string {
  const ranked = known.map((name) => ({ name, edits: editsBetween(given, name) })).sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best !== undefined && best.edits <= NEAR_EDITS_MAX ? ` Did you mean "${best.name}"?` : '';
}

/** Levenshtein's distance: insertions, deletions and substitutions of one character. */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
