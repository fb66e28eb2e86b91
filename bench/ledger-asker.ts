// Asks a ledger in a process of its own, for ledger-answers.ts.
import { keepHeapSmall } from '../packages/ledger/src/cli/small-heap.ts';
import { type Asking, askHere } from './ledger-answers.ts';

// As `waybill serve` does.
keepHeapSmall(process);
const [path = ''] = process.argv.slice(2);

process.once('message', async (asking) => {
  const asked = await askHere(path, asking as Asking); // nothing else is sent here
  process.send?.([...asked]);
  process.disconnect();
});
