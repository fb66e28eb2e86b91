import type { MessageAtSubscription } from './graph/message.ts';
import { rfc3339 } from './instant.ts';

/** That nobody is there to take a message, as a probe saw; `since` is null where it did not see when somebody was. */
export interface NoConsumersAnswer {
  readonly since: string | null;
}

export function noConsumersAnswer({ noConsumers }: MessageAtSubscription): NoConsumersAnswer | null {
  if (noConsumers === null) return null;
  return { since: noConsumers.since === null ? null : rfc3339(noConsumers.since) };
}
