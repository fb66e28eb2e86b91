import type { MessageFact } from 'waybill';

// The position is the code in the file: append only.
const KINDS = ['', 'created', 'sent', 'started', 'settled', 'gap', 'discarded', 'replayed'] as const;
const codeOfKind = new Map<string, number>(KINDS.map((kind, code) => [kind, code]));

export function codeOf(kind: MessageFact['kind']): number {
  const code = codeOfKind.get(kind);
  if (code === undefined) throw new TypeError(`a fact of an unknown kind: ${kind}`);
  return code;
}

export function kindOf(code: number): MessageFact['kind'] {
  const kind = KINDS[code];
  if (!kind) throw new TypeError(`a fact of an unknown kind: ${code}`);
  return kind;
}
