// The ledger in a process of its own, for ledger.ts: says where it listens, and what it has used when it is asked.
import { createApp, listen, openSqliteStore } from '@waybill/ledger';
import { keepHeapSmall } from '../packages/ledger/src/cli/small-heap.ts';

// As `waybill serve` does.
keepHeapSmall(process);
const [path = ''] = process.argv.slice(2);
const app = createApp({ store: openSqliteStore({ path }) });
const listening = await listen(app, { port: 0, hostname: '127.0.0.1' });

process.on('message', (asked) => {
  if (asked === 'usage') process.send?.({ cpu: process.cpuUsage(), residentBytes: process.memoryUsage.rss() });
  else void listening.close().then(() => process.disconnect());
});
// Whoever measures has died.
process.on('disconnect', () => process.exit());
process.send?.({ url: listening.url });
