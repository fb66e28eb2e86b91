import type { DestinationPolicy } from './destination-policy.ts';
import { HOPS_IN_ONE_TRACE, RULES, type Rule, SENDS_IN_ONE_TRACE } from './rules.ts';
import type { Scope } from './scope.ts';
import type { Send } from './send.ts';

/** The row of a message that is made in a scope, or outside every one. Where several fit, the first of them that forbids a child decides. */
export function situationOfSend(scope: Scope | undefined, send: Send): Rule {
  if (scope === undefined) return RULES.noScope;
  if (scope.continuedFrom !== undefined) return RULES.newWorkflow;
  if (send.edge === 'outbox') return RULES.outbox;
  if (send.sagaId !== undefined) return RULES.saga;
  if (send.flow !== undefined) return RULES.flow;
  if (send.notBefore !== undefined || send.isDelayed) return RULES.delayed;
  if (send.child !== undefined) return send.child === 'awaited' ? RULES.childAwaited : RULES.childDetached;
  return send.kind === undefined || send.kind === 'command' ? ordinary(send) : RULES[send.kind];
}

function ordinary(send: Send): Rule {
  return send.fanout === undefined ? RULES.command : RULES.fanout;
}

/** What the sender stamps. A receiver may only turn P into L. */
export interface Stamp {
  readonly mode: 'P' | 'L';
  readonly reason: string;
}

/** Parent or link, for a message that is made in a scope. */
export function stampOf(rule: Rule, scope: Scope, hop: number, policy: DestinationPolicy | undefined): Stamp {
  if (policy?.trace !== undefined) return { mode: policy.trace, reason: 'configured' };
  if (rule.trace !== 'P?') return { mode: rule.trace === 'P' ? 'P' : 'L', reason: rule.traceReason };
  const weakness = weaknessOf(scope, hop);
  return weakness === null ? { mode: 'P', reason: rule.traceReason } : { mode: 'L', reason: weakness };
}

/** Why an ordinary command is no child of its sender after all; null where it is. */
function weaknessOf(scope: Scope, hop: number): string | null {
  if (scope.run.endedAt !== undefined) return 'late';
  if (hop >= HOPS_IN_ONE_TRACE) return 'hops';
  return scope.run.sends > SENDS_IN_ONE_TRACE ? 'fan-out' : null;
}
