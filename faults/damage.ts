// Row 31: the end of the newest file is cut off, or one of its bytes is another.
import {
  closeSync,
  copyFileSync,
  cpSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FactStore, openSqliteStore } from '@waybill/ledger';
import { makeFacts, randomOf } from '../bench/made-facts.ts';
import { exactly, type Finding, seen } from './finding.ts';

const cutMax = 4_096;
const factsInLedger = 6_000;
/**
 * Of a message: its facts are as before; some are missing; they are refused as damaged, or with another error; or one says
 * something else.
 */
type Fate = 'same' | 'fewer' | 'refused' | 'unclear' | 'another';

/** Half of the trials after a clean end, where the newest file is the ledger; half after a kill, where it is its log. */
export async function damage({ trials }: { readonly trials: number }): Promise<Finding[]> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-damage-'));
  try {
    const { ids, truth } = await prepare(folder);
    const random = randomOf(31);
    const fates = {
      'file cut': countFates(),
      'file flipped': countFates(),
      'log cut': countFates(),
      'log flipped': countFates(),
    };
    let unopened = 0;
    let unclear = 0;
    let told = 0;
    let untold = 0;
    for (let trial = 0; trial < trials; trial++) {
      const place = trial % 2 === 0 ? 'file' : 'log';
      const how = trial % 4 < 2 ? 'cut' : 'flipped';
      const trialFolder = join(folder, 'trial');
      rmSync(trialFolder, { recursive: true, force: true });
      cpSync(join(folder, place === 'file' ? 'ended' : 'killed'), trialFolder, { recursive: true });
      const path = join(trialFolder, 'ledger.sqlite');
      spoil(place === 'file' ? path : `${path}-wal`, how, random);
      const opened = open(path);
      if ('code' in opened) {
        unopened++;
        if (opened.code !== 'LEDGER_DAMAGED') unclear++;
        continue;
      }
      const found = await fatesOf(opened.store, ids, truth);
      for (const fate of found) fates[`${place} ${how}`][fate]++;
      if (opened.store.upkeep.damage !== undefined) told++;
      else if (place === 'log' && found.includes('fewer')) untold++;
    }
    return [
      seen('trials', trials),
      seen('refused to open', unopened),
      exactly('refused without saying that it is damaged', unclear, 0),
      seen('said that the end of the log is lost', told),
      exactly('log, facts lost without a word', untold, 0),
      ...Object.entries(fates).flatMap(([place, counts]) => [
        seen(`${place}, messages as before`, counts.same),
        seen(`${place}, messages refused as damaged`, counts.refused),
        exactly(`${place}, messages refused without saying so`, counts.unclear, 0),
        seen(`${place}, messages without their last facts`, counts.fewer),
        exactly(`${place}, messages that say something else`, counts.another, 0),
      ]),
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

function countFates(): Record<Fate, number> {
  return { same: 0, fewer: 0, refused: 0, unclear: 0, another: 0 };
}

/** One ledger that was closed, and a copy of the same as a kill would leave it: with its last facts in the log. */
async function prepare(folder: string) {
  const live = join(folder, 'live');
  mkdirSync(live);
  const path = join(live, 'ledger.sqlite');
  const store = openSqliteStore({ path });
  const made = makeFacts();
  const ids = new Set<string>();
  for (let count = 0; count < factsInLedger; ) {
    const batch = made.nextBatch();
    count += batch.length;
    for (const { message_id } of batch) ids.add(message_id);
    await store.append(batch);
  }
  for (const place of ['killed', 'ended']) cpSync(live, join(folder, place), { recursive: true });
  await store.close();
  copyFileSync(path, join(folder, 'ended', 'ledger.sqlite'));
  for (const ending of ['-wal', '-shm']) rmSync(join(folder, 'ended', `ledger.sqlite${ending}`), { force: true });
  const intact = openSqliteStore({ path });
  const truth = await factsByMessage(intact, [...ids]);
  await intact.close();
  return { ids: [...ids], truth };
}

async function factsByMessage(store: FactStore, ids: readonly string[]): Promise<Map<string, string[]>> {
  const byMessage = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const fact of await store.read((reader) => reader.factsOf(ids)))
    byMessage.get(fact.message_id)?.push(JSON.stringify(fact));
  return byMessage;
}

function spoil(file: string, how: 'cut' | 'flipped', random: () => number): void {
  const handle = openSync(file, 'r+');
  const { size } = statSync(file);
  if (how === 'cut') ftruncateSync(handle, Math.max(0, size - 1 - (random() % cutMax)));
  else {
    const at = random() % size;
    const byte = Buffer.alloc(1);
    readSync(handle, byte, 0, 1, at);
    byte[0] = (byte[0] ?? 0) ^ (1 << (random() % 8));
    writeSync(handle, byte, 0, 1, at);
  }
  closeSync(handle);
}

function open(path: string): { readonly store: FactStore } | { readonly code: string } {
  try {
    return { store: openSqliteStore({ path, onDamage() {} }) };
  } catch (error) {
    return { code: codeOf(error) };
  }
}

async function fatesOf(
  store: FactStore,
  ids: readonly string[],
  truth: ReadonlyMap<string, readonly string[]>,
): Promise<Fate[]> {
  const fates: Fate[] = [];
  for (const id of ids) fates.push(await fateOf(store, id, truth.get(id) ?? []));
  await store.close();
  return fates;
}

/** Each is asked for by itself: one that is damaged says nothing of the others. */
async function fateOf(store: FactStore, id: string, known: readonly string[]): Promise<Fate> {
  try {
    const facts = (await factsByMessage(store, [id])).get(id) ?? [];
    if (facts.some((fact) => !known.includes(fact))) return 'another';
    return facts.length === known.length ? 'same' : 'fewer';
  } catch (error) {
    return codeOf(error) === 'LEDGER_DAMAGED' ? 'refused' : 'unclear';
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'none';
}
