import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** One OTLP/JSON log record, as it came. */
export interface LogRecord {
  readonly eventName: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly [field: string]: unknown;
}

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly status: number;
  readonly body: string;
  readonly records: readonly LogRecord[];
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Receiver {
  readonly url: string;
  readonly requests: readonly Received[];
  /** What it answers from now on; `undefined` is no answer at all. */
  answer: Answer | undefined;
  /** Resolves with the n-th request, counted from 1. */
  request(count: number): Promise<Received>;
  /** The ids of the facts in all requests that were answered with 200. */
  deliveredIds(): string[];
  /** The sum of what the `dropped` facts among those tell. */
  droppedCount(): number;
}

const OK: Answer = { status: 200, body: '{}' };

/** A real OTLP/HTTP receiver, until the test is over. */
export async function startReceiver(context: TestContext): Promise<Receiver> {
  const requests: Received[] = [];
  const waiting: { readonly count: number; readonly resolve: (received: Received) => void }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      const { answer } = receiver;
      requests.push({
        path: request.url ?? '',
        headers: request.headers,
        status: answer?.status ?? 0,
        body,
        records: recordsOf(body),
      });
      if (answer !== undefined) response.writeHead(answer.status, answer.headers).end(answer.body);
      for (const { count, resolve } of waiting) {
        const received = requests[count - 1];
        if (received !== undefined) resolve(received);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  // Sound: it listens on a port, not on a pipe.
  const { port } = server.address() as AddressInfo;
  const delivered = () => requests.filter(({ status }) => status === 200).flatMap(({ records }) => records);
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}`,
    requests,
    answer: OK,
    request: (count) =>
      new Promise((resolve) => {
        const received = requests[count - 1];
        if (received === undefined) waiting.push({ count, resolve });
        else resolve(received);
      }),
    deliveredIds: () =>
      delivered()
        .filter(({ eventName }) => eventName !== 'waybill.dropped')
        .map((record) => String(attributeValue(record, 'waybill.fact_id'))),
    droppedCount: () =>
      delivered()
        .filter(({ eventName }) => eventName === 'waybill.dropped')
        .reduce((sum, record) => sum + Number(attributeValue(record, 'waybill.count')), 0),
  };
  return receiver;
}

function recordsOf(body: string): LogRecord[] {
  const { resourceLogs = [] } = JSON.parse(body);
  return resourceLogs.flatMap((group: { scopeLogs: { logRecords: LogRecord[] }[] }) =>
    group.scopeLogs.flatMap(({ logRecords }) => logRecords),
  );
}

/** The one value of an attribute, whatever its kind. */
export function attributeValue(record: LogRecord, key: string): unknown {
  return Object.values(record.attributes.find((attribute) => attribute.key === key)?.value ?? {})[0];
}
