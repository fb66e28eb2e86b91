import { ledgerError } from '../errors.ts';
import type { Call } from './call.ts';

/** For verbs that take no operands. */
export function refuseOperands({ verb = 'waybill', operands }: Call): void {
  if (operands.length > 0) throw ledgerError('ARGUMENT_INVALID', verb, 'given flags only', operands.join(' '));
}

/** For verbs that take one file, and nothing beside it. */
export function fileOf({ verb = 'waybill', operands }: Call, expected: string): string {
  const [file, ...more] = operands;
  if (file === undefined) throw ledgerError('ARGUMENT_MISSING', verb, expected);
  if (more.length > 0) throw ledgerError('ARGUMENT_INVALID', verb, 'given one file', `${operands.length}`);
  return file;
}
