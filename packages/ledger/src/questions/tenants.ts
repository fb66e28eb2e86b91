import { groupBy } from './grouping.ts';

/** How many messages are of one tenant. A list, and no object: a tenant's name is anybody's text, or there is none. */
export interface TenantCount {
  readonly tenant_id: string | null;
  readonly messages: number;
}

/** Most messages first. */
export function tenantsOf(messages: Iterable<{ readonly tenantId: string | null }>): TenantCount[] {
  const counts = [...groupBy(messages, ({ tenantId }) => tenantId)];
  return counts
    .map(([tenant_id, own]) => ({ tenant_id, messages: own.length }))
    .sort((a, b) => b.messages - a.messages);
}
