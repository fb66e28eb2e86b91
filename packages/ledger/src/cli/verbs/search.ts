import { ledgerError } from '../../errors.ts';
import type { SearchData } from '../../questions/search/answer.ts';
import { askWindow, WINDOW_FLAGS } from '../asking-window.ts';
import type { Call, Verb } from '../call.ts';

export const search: Verb = {
  name: 'search',
  operands: '<terms>',
  group: 'QUESTIONS',
  says: 'which workflows are this, or have it?',
  flags: ['after', ...WINDOW_FLAGS],
  examples: [['waybill search ORD-48 state:dead', 'or tenant: operation: event: error:']],
  run: async (call) => {
    const after = call.given.get('after');
    const more = { q: termsText(call), ...(after !== undefined && { after }) };
    const { searchText } = await import('../text/search.ts');
    return askWindow<SearchData>('search', call, { textOf: searchText }, more);
  },
};

/** What a shell has taken out of its quotes is quoted again, so that it stays one term. */
function termsText({ operands }: Call): string {
  const terms = operands.map((word) => (/\s/.test(word) ? quotedAgain(word) : word)).join(' ');
  if (terms.trim() === '') throw ledgerError('ARGUMENT_MISSING', 'search', 'an id, a key, a name, a state or an error');
  return terms;
}

function quotedAgain(word: string): string {
  const [, prefix = '', rest = ''] = /^([^\s":]+:)?(.*)$/s.exec(word) ?? [];
  return `${prefix}"${rest.replaceAll('"', '')}"`;
}
