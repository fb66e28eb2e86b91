// ClickHouse in this process, behind as much of its HTTP interface as the client uses: node serve.ts <folder>
import { createServer, type IncomingMessage } from 'node:http';

/** The part of chdb that is called here: the package is installed in this folder, or nowhere. */
interface Engine {
  readonly Session: new (
    folder: string,
  ) => { queryAsync(sql: string, options?: object): Promise<{ bytes(): Uint8Array }> };
}

const packageName: string = 'chdb';
// Sound: the package says so in its own types, which are not there where it is not installed.
const { Session } = (await import(packageName)) as Engine;
const session = new Session(process.argv[2] ?? '');
// Parameters are the session's own: queries that come together are asked one after another.
let last: Promise<unknown> = Promise.resolve();

async function answer(request: IncomingMessage): Promise<Uint8Array | string> {
  const { searchParams, pathname } = new URL(request.url ?? '/', 'http://engine');
  if (pathname === '/ping') return 'Ok.\n';
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const type = request.headers['content-type'] ?? '';
  const fields = type.startsWith('multipart/')
    ? await new Response(body, { headers: { 'content-type': type } }).formData()
    : new FormData();
  const sql = searchParams.get('query') ?? String(fields.get('query') ?? '');
  const text = type.startsWith('multipart/') ? sql : [sql, body.toString()].filter((part) => part !== '').join('\n');
  const parameters = [...searchParams, ...fields].filter(([name]) => name.startsWith('param_'));
  const database = searchParams.get('database');
  const run = async () => {
    if (database) await session.queryAsync(`USE \`${database}\``);
    if (parameters.length > 0) await session.queryAsync(`SET ${parameters.map(literal).join(', ')}`);
    return (await session.queryAsync(text)).bytes();
  };
  last = last.then(run, run);
  return last as Promise<Uint8Array>; // sound: it is what `run` gives
}

function literal([name, value]: [string, unknown]): string {
  return `${name} = '${String(value).replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

const server = createServer((request, response) => {
  answer(request).then(
    (result) => response.end(result),
    (error: Error) => {
      const code = /Code: (\d+)/.exec(error.message)?.[1] ?? '0';
      response.writeHead(500, { 'x-clickhouse-exception-code': code }).end(error.message);
    },
  );
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' && address !== null ? address.port : 0);
});
// It does not outlive whoever started it.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
