import type { Context, Next } from 'hono';
import type { Appended, FactStore } from '../store/store.ts';
import type { Family } from './exposition.ts';
import { openHistogram, openTally } from './tallies.ts';

/** What the ledger tells of itself: at most 200 series, whatever is sent to it. */
export interface Measures {
  readonly appended: (appended: Appended) => void;
  readonly rejected: (reason: string) => void;
  /** Around an export: how long it took, and what it was answered. */
  readonly timed: (context: Context, next: Next) => Promise<void>;
  families(): Promise<readonly Family[]>;
}

/** Reasons are in our own words, and there may be more of them than a page of metrics should hold. */
const reasonsMax = 50;
/** Two signals, and the statuses of the registry. */
const requestsMax = 40;
const ackSecondsBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const SIGNALS: Readonly<Record<string, string>> = { '/v1/logs': 'logs', '/v1/traces': 'traces' };

export function openMeasures(store: FactStore): Measures {
  let stored = 0;
  let repeated = 0;
  const rejected = openTally(reasonsMax);
  const requests = openTally(requestsMax);
  const ackSeconds = openHistogram(ackSecondsBounds);
  return {
    appended(appended) {
      stored += appended.stored;
      repeated += appended.repeated;
    },
    rejected: (reason) => rejected.add(reason),
    async timed(context, next) {
      const signal = SIGNALS[context.req.path];
      const began = performance.now();
      await next();
      if (signal === undefined) return;
      requests.add(`${signal} ${context.res.status}`);
      if (context.res.status === 200) ackSeconds.add((performance.now() - began) / 1_000);
    },
    families: async () => [
      counter('waybill_ledger_facts_total', 'Facts that exports brought, by whether they were new.', [
        { labels: { result: 'stored' }, value: stored },
        { labels: { result: 'repeated' }, value: repeated },
      ]),
      counter(
        'waybill_ledger_facts_rejected_total',
        'Records that said they were facts and were none, by the reason.',
        [...rejected.counts].map(([reason, value]) => ({ labels: { reason }, value })),
      ),
      counter(
        'waybill_ledger_ingest_requests_total',
        'Exports, by what they brought and how they were answered.',
        [...requests.counts].map(([request, value]) => ({ labels: requestLabels(request), value })),
      ),
      {
        name: 'waybill_ledger_ack_seconds',
        type: 'histogram',
        help: 'From the arrival of an export to the answer that it is on disk.',
        samples: ackSeconds.samples(),
      },
      ...(await storeFamilies(store)),
      counter('process_cpu_seconds_total', 'Time of processors that the process has used.', [{ value: cpuSeconds() }]),
      gauge('process_resident_memory_bytes', 'Resident memory of the process.', process.memoryUsage.rss()),
    ],
  };
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function requestLabels(request: string): Readonly<Record<string, string>> {
  const [signal = '', status = ''] = request.split(' ');
  return { signal, status };
}

async function storeFamilies({ read, spans, upkeep }: FactStore): Promise<Family[]> {
  const dueSince = await spans.dueSince();
  const lagMs = dueSince === null ? 0 : Math.max(0, Date.now() - dueSince);
  const { bytes, walBytes } = await upkeep.sizes();
  const { groups, rows } = await upkeep.commits();
  return [
    gauge('waybill_ledger_facts', 'Facts in the store.', (await read((reader) => reader.extent())).facts),
    gauge('waybill_ledger_spans', 'Spans that are kept to derive facts of.', await spans.count()),
    gauge('waybill_ledger_derivation_lag_seconds', 'How long the trace waits that is due first.', lagMs / 1_000),
    {
      name: 'waybill_ledger_commit_rows',
      type: 'summary',
      help: 'Rows that one commit to disk wrote: exports that come together share one.',
      samples: [
        { suffix: '_sum', value: rows },
        { suffix: '_count', value: groups },
      ],
    },
    gauge('waybill_ledger_store_bytes', "Size of the store's file.", bytes),
    gauge('waybill_ledger_wal_bytes', 'Size of its write-ahead log.', walBytes),
  ];
}

function counter(name: string, help: string, samples: Family['samples']): Family {
  return { name, type: 'counter', help, samples };
}

function gauge(name: string, help: string, value: number): Family {
  return { name, type: 'gauge', help, samples: [{ value }] };
}
