import type { NoConsumersAnswer } from '../../questions/no-consumers.ts';
import { clock } from './clock.ts';

/** Where something is taken: `orders.events/loyalty`, or only the destination where that says it. */
export function placeText(destination: string, subscription: string | null): string {
  return subscription === null || subscription === destination ? destination : `${destination}/${subscription}`;
}

/** On whose account, for which operation. */
export function accountText({
  tenant_id,
  operation,
}: {
  readonly tenant_id: string | null;
  readonly operation: string | null;
}): string {
  return [tenant_id, operation].filter((part) => part !== null).join('/');
}

/** That nobody is there to take it, as a probe saw. */
export function noConsumersText({ since }: NoConsumersAnswer, day: string): string {
  return since === null ? '0 consumers' : `0 consumers since ${clock(since, day)}`;
}
