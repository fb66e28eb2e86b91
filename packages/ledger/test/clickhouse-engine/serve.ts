// ClickHouse in this process, behind as much of its HTTP interface as the client uses: node serve.ts <folder>
import { createServer, type IncomingMessage } from 'node:http';

interface Session {
  queryAsync(sql: string): Promise<{ bytes(): Uint8Array }>;
}

/** The part of chdb that is called here: the package is installed in this folder, or nowhere. */
interface Engine {
  readonly Session: new (folder: string) => Session;
}

/** A session, and the database that it uses. */
interface Seat {
  readonly session: Session;
  database: string;
}

const packageName: string = 'chdb';
// Sound: the package says so in its own types, which are not there where it is not installed.
const { Session } = (await import(packageName)) as Engine;
const folder = process.argv[2] ?? '';
const seatsMax = 4;
let seats = 0;
const idle: Seat[] = [];
const waiting: ((seat: Seat) => void)[] = [];

/** Statements that come together are run together, as a server does; one that needs no other database, where there is one. */
async function take(database: string): Promise<Seat> {
  const place = idle.findIndex((seat) => seat.database === database);
  const [seat] = place < 0 ? idle.splice(0, 1) : idle.splice(place, 1);
  if (seat !== undefined) return seat;
  if (seats < seatsMax) {
    seats++;
    const session = new Session(folder);
    // Values are part of the text here, and beside it on a server.
    await session.queryAsync('SET max_query_size = 67108864');
    return { session, database: '' };
  }
  return new Promise((resolve) => waiting.push(resolve));
}

function giveBack(seat: Seat): void {
  const next = waiting.shift();
  if (next) next(seat);
  else idle.push(seat);
}

async function answer(request: IncomingMessage): Promise<Uint8Array | string> {
  const { searchParams, pathname } = new URL(request.url ?? '/', 'http://engine');
  if (pathname === '/ping') return 'Ok.\n';
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const type = request.headers['content-type'] ?? '';
  const fields = type.startsWith('multipart/')
    ? await new Response(body, { headers: { 'content-type': type } }).formData()
    : new Map<string, string>();
  const sql = searchParams.get('query') ?? String(fields.get('query') ?? '');
  const text = type.startsWith('multipart/') ? sql : [sql, body.toString()].filter((part) => part !== '').join('\n');
  const parameters = new Map([...searchParams, ...fields].map(([name, value]) => [name, String(value)]));
  return run(withParameters(text, parameters), parameters.get('database') ?? '');
}

async function run(statement: string, database: string): Promise<Uint8Array> {
  const seat = await take(database);
  try {
    if (database !== '' && seat.database !== database) {
      await seat.session.queryAsync(`USE \`${database}\``);
      seat.database = database;
    }
    return (await seat.session.queryAsync(statement)).bytes();
  } finally {
    giveBack(seat);
  }
}

/**
 * With the values in it. A server takes them beside the statement, and puts them into it in the same way; the engine would
 * be told them by a statement of their own, and has them for all of its sessions. The client has escaped them already.
 */
function withParameters(statement: string, parameters: ReadonlyMap<string, string>): string {
  return statement.replaceAll(/\{(\w+):(\w+(?:\(\w+\))?)\}/g, (whole, name, type) => {
    const value = parameters.get(`param_${name}`);
    if (value === undefined) return whole;
    return `_CAST(${/^(U?Int|Array)/.test(type) ? value : `'${value}'`}, '${type}')`;
  });
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
