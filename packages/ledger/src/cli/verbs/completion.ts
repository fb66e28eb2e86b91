import { ledgerError } from '../../errors.ts';
import type { Call, Verb } from '../call.ts';

export const completion: Verb = {
  name: 'completion',
  operands: '<shell>',
  group: 'LEDGER',
  says: 'what bash, zsh or fish need to complete these words',
  flags: ['debug', 'help', 'version'],
  examples: [
    ['source <(waybill completion bash)', 'in .bashrc; zsh alike'],
    ['waybill completion fish | source', 'in config.fish'],
  ],
  run: runCompletion,
};

async function runCompletion({ operands, print }: Call): Promise<number> {
  const [shell, ...more] = operands;
  if (shell === undefined) throw ledgerError('ARGUMENT_MISSING', 'completion', 'bash, zsh or fish');
  const { scriptFor } = await import('../completion/scripts.ts');
  const script = more.length > 0 ? undefined : scriptFor(shell);
  if (script === undefined)
    throw ledgerError('ARGUMENT_INVALID', 'completion', 'bash, zsh or fish', operands.join(' '));
  print(script);
  return 0;
}
