import type { Verb } from '../call.ts';
import { takenBy, valuedFlags, wordsOf } from './words.ts';

/** Completion for bash, of which every verb and flag is data: `source <(waybill completion bash)`. */
export function bashCompletion(verbs: readonly Verb[]): string {
  return `_waybill() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} flags=
  if (( COMP_CWORD == 1 )); then
    COMPREPLY=($(compgen -W '${verbs.map(({ name }) => name).join(' ')}' -- "$word"))
    return
  fi
  case $before in
${valuedFlags()
  .map((flag) => `    --${flag}) COMPREPLY=(${valuesOf(takenBy(flag))}); return ;;`)
  .join('\n')}
  esac
  case \${COMP_WORDS[1]} in
${verbs.map((verb) => `    ${verb.name}) flags='${wordsOf(verb).join(' ')}' ;;`).join('\n')}
  esac
  if [[ $word == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$word")); fi
}
complete -o default -F _waybill waybill
`;
}

function valuesOf(taken: ReturnType<typeof takenBy>): string {
  if (taken === 'file') return '$(compgen -f -- "$word")';
  if (taken === 'folder') return '$(compgen -d -- "$word")';
  return taken === 'text' ? '' : `$(compgen -W '${taken.join(' ')}' -- "$word")`;
}
