// A child process for the kill test: appends without end, and names each fact once it was acknowledged.
import { openSqliteStore } from '../../src/store/sqlite.ts';
import { sent } from './made-facts.ts';

const [path = '', round = ''] = process.argv.slice(2);
const store = openSqliteStore({ path });

for (let batch = 0; ; batch++) {
  // Several appends at once, so that kills also meet joined commits.
  const appends = [0, 1, 2].map(async (part) => {
    const id = `${round}.${batch}.${part}`;
    const facts = Array.from({ length: 50 }, (_, n) =>
      sent({ fact_id: `${id}.${n}`, message_id: id, correlation_id: id }),
    );
    await store.append(facts);
    // Straight to the pipe: what the process still held would be lost with it.
    process.stdout.write(`${id}\n`);
  });
  await Promise.all(appends);
}
