/** The part of an instance that tells. */
interface Instance {
  /** As old as the library's own spans. */
  readonly getInstances?: unknown;
  getDb?(): {
    readonly _pgbdb?: unknown;
    readonly config?: { readonly openTelemetry?: { readonly enabled?: boolean } };
  };
}

/**
 * Whether the library makes spans itself. What it was told is private, but a pool of its own keeps it; undefined
 * where the app has brought its database.
 */
export function makesSpans(boss: object): boolean | undefined {
  const instance = boss as Instance; // sound: an object may be asked for any name
  if (instance.getInstances === undefined) return false;
  const pool = instance.getDb?.();
  return pool?._pgbdb === true ? pool.config?.openTelemetry?.enabled !== false : undefined;
}
