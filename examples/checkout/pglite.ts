// PostgreSQL in a process of its own, in memory, for the other processes of the demo to connect to.
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

const db = await PGlite.create();
const server = new PGLiteSocketServer({ db, host: '127.0.0.1', port: 0, maxConnections: 16 });
await server.start();

process.once('disconnect', async () => {
  await server.stop();
  await db.close();
});
process.send?.({ url: `postgres://postgres@${server.getServerConn()}/postgres` });
