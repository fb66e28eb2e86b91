import type { Verb } from '../call.ts';
import { FLAGS, type FlagName } from '../flags.ts';
import { SHELLS, takenBy } from './words.ts';

/** Completion for fish: `waybill completion fish | source`. */
export function fishCompletion(verbs: readonly Verb[]): string {
  const lines = verbs.flatMap(({ name, says, operands, flags }) => [
    `complete -c waybill -n __fish_use_subcommand -f -a ${name} -d ${quoted(says)}`,
    ...(operands.includes('file') ? [] : [`complete -c waybill -n ${within(name)} -f`]),
    ...flags.map((flag) => `complete -c waybill -n ${within(name)} ${flagWords(flag)} -d ${quoted(FLAGS[flag].says)}`),
  ]);
  return `${[...lines, `complete -c waybill -n ${within('completion')} -a '${SHELLS.join(' ')}'`].join('\n')}\n`;
}

function within(verb: string): string {
  return `'__fish_seen_subcommand_from ${verb}'`;
}

function flagWords(flag: FlagName): string {
  if (FLAGS[flag].type === 'boolean') return `-l ${flag}`;
  const taken = takenBy(flag);
  if (taken === 'file' || taken === 'folder') return `-l ${flag} -r -F`;
  return taken === 'text' ? `-l ${flag} -x` : `-l ${flag} -x -a '${taken.join(' ')}'`;
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, (character) => `\\${character}`)}'`;
}
