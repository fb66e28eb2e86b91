// Row 29: the ledger is killed with -9 in the middle of what it takes over HTTP, again and again on one file.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStore } from '@waybill/ledger';
import { makeFacts } from '../bench/made-facts.ts';
import { encodeLogs } from '../packages/waybill/src/recorders/otlp-logs.ts';
import { atMost, exactly, type Finding, seen } from './finding.ts';
import { type MadeSend, nextSend } from './made-sends.ts';
import { type ServedProcess, serveProcess } from './served-process.ts';

export interface KillOptions {
  readonly kills: number;
  /** How many facts are in the ledger before. */
  readonly facts: number;
  /** How many requests are acknowledged, at least, before each kill. */
  readonly sendsMin: number;
}

const connections = 4;
const factsInSend = 200;
const readyMsMax = 2_000;
const askedAtOnce = 500;

export async function kills(options: KillOptions): Promise<Finding[]> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-kills-'));
  const path = join(folder, 'ledger.sqlite');
  try {
    const before = await fill(path, options.facts);
    const acknowledged: MadeSend[] = [];
    let unanswered: MadeSend[] = [];
    const readyMs: number[] = [];
    const nodeMs: number[] = [];
    for (let kill = 0; kill < options.kills; kill++) {
      nodeMs.push(startOfNode());
      const ledger = await serveProcess(folder);
      readyMs.push(ledger.readyMs);
      const round = await sendUntilKilled(ledger, unanswered, options.sendsMin);
      unanswered = round.unanswered;
      acknowledged.push(...round.acknowledged);
    }
    return [
      exactly('kills', readyMs.length, options.kills),
      seen('facts before', before),
      seen('facts acknowledged', factsOf(acknowledged)),
      // Beside it, for a machine that is busy with something else.
      seen('an empty Node starts and ends, slowest ms', Math.max(...nodeMs)),
      seen('ready again, median ms', readyMs.sort((one, other) => one - other)[readyMs.length >> 1] ?? 0),
      atMost('ready again, slowest ms', Math.max(...readyMs), readyMsMax),
      ...(await compare(path, before, acknowledged, unanswered)),
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

function startOfNode(): number {
  const began = performance.now();
  spawnSync(process.execPath, ['--eval', '0']);
  return performance.now() - began;
}

async function fill(path: string, count: number): Promise<number> {
  const store = openSqliteStore({ path });
  const made = makeFacts();
  let filled = 0;
  while (filled < count) {
    const batches = Array.from({ length: 8 }, () => made.nextBatch());
    for (const { stored } of await Promise.all(batches.map((batch) => store.append(batch)))) filled += stored;
  }
  await store.close();
  return filled;
}

/** What the kill before left unanswered goes first, as a recorder sends it again. */
async function sendUntilKilled(ledger: ServedProcess, again: readonly MadeSend[], sendsMin: number) {
  const waiting = [...again];
  const acknowledged: MadeSend[] = [];
  const unanswered: MadeSend[] = [];
  const send = async () => {
    for (;;) {
      const next = waiting.shift() ?? nextSend('kill', factsInSend, 100);
      const { status } = await ledger.ask('POST', '/v1/logs', encodeLogs([...next.facts]));
      if (status !== 200) return void unanswered.push(next);
      acknowledged.push(next);
      // At some moment of a commit that the others are in.
      if (acknowledged.length === sendsMin) setTimeout(() => void ledger.stop('SIGKILL'), Math.random() * 20);
    }
  };
  await Promise.all(Array.from({ length: connections }, send));
  await ledger.stop('SIGKILL');
  return { acknowledged, unanswered: [...unanswered, ...waiting] };
}

async function compare(
  path: string,
  before: number,
  acknowledged: readonly MadeSend[],
  unanswered: readonly MadeSend[],
): Promise<Finding[]> {
  const store = openSqliteStore({ path });
  const copiesOf = async ({ ids }: MadeSend) => {
    const counts = new Map<string, number>(ids.map((id) => [id, 0]));
    for (let from = 0; from < ids.length; from += askedAtOnce) {
      const facts = await store.read((reader) => reader.factsOf(ids.slice(from, from + askedAtOnce)));
      for (const { message_id } of facts) counts.set(message_id, (counts.get(message_id) ?? 0) + 1);
    }
    return [...counts.values()];
  };
  let [lost, twice, torn, unasked] = [0, 0, 0, 0];
  for (const send of acknowledged) {
    const copies = await copiesOf(send);
    lost += copies.filter((count) => count === 0).length;
    twice += copies.filter((count) => count > 1).length;
  }
  for (const send of unanswered) {
    const kept = (await copiesOf(send)).filter((count) => count > 0).length;
    if (kept !== 0 && kept !== send.ids.length) torn++;
    unasked += kept;
  }
  const { facts } = await store.read((reader) => reader.extent());
  await store.close();
  const database = new DatabaseSync(path);
  const wrong = database
    .prepare('PRAGMA integrity_check')
    .all()
    .filter((row) => row['integrity_check'] !== 'ok').length;
  database.close();
  return [
    exactly('acknowledged facts lost', lost, 0),
    exactly('facts stored twice', twice, 0),
    exactly('requests kept in part', torn, 0),
    exactly('facts that nobody sent', facts - before - (factsOf(acknowledged) - lost) - unasked, 0),
    exactly('damages to the file', wrong, 0),
  ];
}

function factsOf(sends: readonly MadeSend[]): number {
  return sends.reduce((sum, { ids }) => sum + ids.length, 0);
}
