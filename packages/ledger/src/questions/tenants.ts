/** How many messages are of one tenant. A list, and no object: a tenant's name is anybody's text, or there is none. */
export interface TenantCount {
  readonly tenant_id: string | null;
  readonly messages: number;
}
