export interface Posting {
  readonly method: 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Exchanged {
  readonly status: number;
  readonly text: string;
}

/**
 * One request and its answer, whole. Not `fetch`, nor an import of `node:http`, which makes all that that exports, `fetch`'s
 * client too: to load it takes longer than an answer. None follows a redirect, which would take a token to a place that nobody named.
 */
export async function exchange(
  url: URL,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
  posting?: Posting,
): Promise<Exchanged> {
  const { request } = url.protocol === 'https:' ? await import('node:https') : process.getBuiltinModule('node:http');
  const signal = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve, reject) => {
    const options = { method: posting?.method ?? 'GET', headers: { ...headers, ...posting?.headers }, signal };
    // No kept connection: the process would wait for it.
    const outgoing = request(url, { ...options, agent: false }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      incoming.on('error', reject);
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text }));
    });
    outgoing.on('error', reject);
    outgoing.end(posting?.body);
  });
}
