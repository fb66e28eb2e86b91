// What the demo found, as one JSON document: for tests, and for whoever wants to look closer.

/** A line as pino wrote it; the scope's fields are snake_case beside its own. */
export interface LogLine {
  readonly msg: string;
  readonly pid: number;
  readonly correlation_id?: string;
  readonly message_id?: string;
  readonly order_id?: string;
}

interface Cause {
  readonly kind: 'ingress' | 'message';
  readonly message_id: string;
  readonly event_type: string | null;
  readonly correlation_id: string;
  readonly causation_id: string | null;
  readonly tenant_id: string | null;
  readonly operation: string | null;
}

/** The failed job, the chain from it to its request, and the log lines that are not another order's. */
export async function jsonReport(ledgerUrl: string, failedId: string, lines: readonly LogLine[]): Promise<object> {
  const response = await fetch(`${ledgerUrl}/api/v1/why?id=${encodeURIComponent(failedId)}`);
  const { data } = (await response.json()) as {
    data: { readonly causes: readonly Cause[]; readonly correlation_id: string };
  };
  const { causes, ...failed } = data;
  const others = new Set(
    lines.map((line) => line.correlation_id).filter((id) => id !== undefined && id !== data.correlation_id),
  );
  return {
    failed,
    chain: causes
      .toReversed()
      .map(({ kind, message_id, event_type, correlation_id, causation_id, tenant_id, operation }) => {
        return { kind, id: message_id, event_type, correlation_id, causation_id, tenant_id, operation };
      }),
    logs: lines.filter((line) => !others.has(line.correlation_id)),
  };
}
