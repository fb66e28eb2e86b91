// Row 30: the disk is full. Exports are refused, questions and deletes go on, and so does writing once there is room.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSqliteStore } from '@waybill/ledger';
import { encodeLogs } from '../packages/waybill/src/recorders/otlp-logs.ts';
import { atMost, exactly, type Finding, seen } from './finding.ts';
import { type MadeSend, nextSend } from './made-sends.ts';
import { type ServedProcess, serveProcess } from './served-process.ts';
import { type SmallDisk, smallDisk } from './small-disk.ts';

const bin = fileURLToPath(new URL('../packages/ledger/bin/waybill.mjs', import.meta.url));
const factsInSend = 50;
const padding = 100_000;
/** Questions about what was acknowledged, while the disk is full. */
const askedMax = 200;
const againMsMax = 10_000;
/** Of the disk, by somebody else's file, until it gives that back. */
const othersShare = 0.2;
const deletedKey = 'deleted';

type Acknowledged = Pick<MadeSend, 'ids'>;

/** Undefined where no small disk can be made. */
export async function fullDisk({ mebibytes }: { readonly mebibytes: number }): Promise<Finding[] | undefined> {
  const disk = smallDisk(mebibytes);
  if (disk === null) return undefined;
  try {
    const ledger = await serveProcess(disk.folder);
    try {
      return await findingsOf(ledger, disk);
    } finally {
      await ledger.stop('SIGTERM');
    }
  } finally {
    disk.remove();
  }
}

async function findingsOf(ledger: ServedProcess, disk: SmallDisk): Promise<Finding[]> {
  const acknowledged: Acknowledged[] = [];
  const send = async (name: string) => {
    const next = nextSend(name, factsInSend, padding);
    const answer = await ledger.ask('POST', '/v1/logs', encodeLogs([...next.facts]));
    if (answer.status === 200 && name !== deletedKey) acknowledged.push({ ids: next.ids });
    return answer;
  };
  await send(deletedKey);
  disk.fill(othersShare);
  let refused = await send('kept');
  while (refused.status === 200) refused = await send('kept');
  const statuses = new Set([refused.status]);
  for (let again = 0; again < 5; again++) statuses.add((await send('kept')).status);
  const unread = await unreadOf(ledger, acknowledged);
  const forgetting = forget(disk.folder);
  // And now without any room at all, which somebody else has taken.
  disk.fill(1);
  statuses.add((await send('kept')).status);
  const unreadStill = await unreadOf(ledger, acknowledged);
  disk.free();
  const began = performance.now();
  while ((await send('kept')).status !== 200 && performance.now() - began < 2 * againMsMax);
  return [
    seen('facts acknowledged', acknowledged.length * factsInSend),
    exactly('other answers to exports than 503', [...statuses].filter((status) => status !== 503).length, 0),
    exactly('without retry-after', refused.retryAfter === undefined ? 1 : 0, 0),
    exactly('acknowledged facts that cannot be read', unread + unreadStill, 0),
    exactly('deletes that fail', forgetting === 0 ? 0 : 1, 0),
    atMost('takes facts again, ms after there is room', performance.now() - began, againMsMax),
    exactly('acknowledged facts lost', await lostOf(disk.folder, acknowledged), 0),
  ];
}

/** Of some of what was acknowledged: how much is not answered. */
async function unreadOf(ledger: ServedProcess, sends: readonly Acknowledged[]): Promise<number> {
  const ids = sends.flatMap((send) => send.ids);
  const step = Math.max(1, Math.floor(ids.length / askedMax));
  let unread = 0;
  for (let at = 0; at < ids.length; at += step)
    if ((await ledger.ask('GET', `/api/v1/why?id=${ids[at]}`)).status !== 200) unread++;
  return unread;
}

async function lostOf(folder: string, sends: readonly Acknowledged[]): Promise<number> {
  const store = openSqliteStore({ path: join(folder, 'ledger.sqlite') });
  let lost = 0;
  for (const { ids } of sends) lost += ids.length - (await store.read((reader) => reader.factsOf(ids))).length;
  await store.close();
  return lost;
}

/** The exit code of a delete, which runs beside the server on the same full disk. */
function forget(folder: string): number | null {
  const words = ['forget', '--business-key', deletedKey, '--yes', '--db', join(folder, 'ledger.sqlite')];
  const { status, stderr } = spawnSync(process.execPath, ['--conditions=@waybill/source', bin, ...words]);
  if (status !== 0) console.error(String(stderr));
  return status;
}
