import { ledgerError } from '../../errors.ts';
import type { Call, Verb } from '../call.ts';

/** `verbs` are all of them, which are not there yet when this one is made. */
export const completionOf = (verbs: () => readonly Verb[]): Verb => ({
  name: 'completion',
  operands: '<shell>',
  group: 'LEDGER',
  says: 'what bash, zsh or fish need to complete these words',
  flags: ['debug', 'help', 'version'],
  examples: [
    ['source <(waybill completion bash)', 'in .bashrc; zsh alike'],
    ['waybill completion fish | source', 'in config.fish'],
  ],
  run: (call) => runCompletion(call, verbs()),
});

async function runCompletion({ operands, print }: Call, verbs: readonly Verb[]): Promise<number> {
  const [shell, ...more] = operands;
  if (shell === undefined) throw ledgerError('ARGUMENT_MISSING', 'completion', 'bash, zsh or fish');
  const { scriptFor } = await import('../completion/scripts.ts');
  const script = more.length > 0 ? undefined : scriptFor(shell, verbs);
  if (script === undefined)
    throw ledgerError('ARGUMENT_INVALID', 'completion', 'bash, zsh or fish', operands.join(' '));
  print(script);
  return 0;
}
