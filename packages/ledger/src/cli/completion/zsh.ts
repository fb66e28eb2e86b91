import type { Verb } from '../call.ts';
import { FLAGS, type FlagName } from '../flags.ts';
import { SHELLS, takenBy } from './words.ts';

/** Completion for zsh: `source <(waybill completion zsh)`, or a file `_waybill` on its path. */
export function zshCompletion(verbs: readonly Verb[]): string {
  return `#compdef waybill
_waybill() {
  local -a verbs
  verbs=(
${verbs.map(({ name, says }) => `    ${quoted(`${name}:${says.replaceAll(':', '\\:')}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe verb verbs
    return
  fi
  local verb=$words[2]
  shift words
  (( CURRENT-- ))
  case $verb in
${verbs.map((verb) => `    ${verb.name}) _arguments ${argumentsOf(verb)} ;;`).join('\n')}
  esac
}
if [[ $funcstack[1] == _waybill ]]; then _waybill "$@"; else compdef _waybill waybill; fi
`;
}

function argumentsOf({ name, operands, flags }: Verb): string {
  const own = name === 'completion' ? [`*:shell:(${SHELLS.join(' ')})`] : [];
  const files = operands.includes('file') ? ['*:file:_files'] : [];
  return [...flags.map(flagSpec), ...own, ...files].map(quoted).join(' ');
}

function flagSpec(flag: FlagName): string {
  const { type, says } = FLAGS[flag];
  const said = `[${says.replace(/[[\]\\:]/g, (character) => `\\${character}`)}]`;
  if (type === 'boolean') return `--${flag}${said}`;
  const taken = takenBy(flag);
  const action = { file: '_files', folder: '_files -/', text: '' } as const;
  return `--${flag}=${said}:${flag}:${typeof taken === 'string' ? action[taken] : `(${taken.join(' ')})`}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
