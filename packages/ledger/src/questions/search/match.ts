import type { Message } from '../graph/message.ts';
import type { Terms } from './terms.ts';

/** Whether one message is all that is asked for; `texts` are words that name no id and no key. */
export function isMatch(message: Message, terms: Terms, texts: readonly string[]): boolean {
  const { tenantId, operation, eventType, subscriptions } = message;
  if (terms.tenant !== null && terms.tenant !== tenantId) return false;
  if (terms.operation !== null && terms.operation !== operation) return false;
  if (terms.event !== null && terms.event !== eventType) return false;
  if (terms.state !== null && subscriptions.every(({ state }) => state !== terms.state)) return false;
  if (terms.error !== null && !hasError(message, terms.error)) return false;
  return texts.every((text) => isNamed(message, text) || hasError(message, text));
}

function isNamed({ tenantId, operation, eventType }: Message, text: string): boolean {
  return text === tenantId || text === operation || text === eventType;
}

/** By its fingerprint, or by a part of what it says. */
function hasError({ subscriptions }: Message, text: string): boolean {
  const part = text.toLowerCase();
  return subscriptions.some(({ executions }) =>
    executions.some(
      ({ error }) =>
        error && (error.fingerprint === text || `${error.type}: ${error.message}`.toLowerCase().includes(part)),
    ),
  );
}
