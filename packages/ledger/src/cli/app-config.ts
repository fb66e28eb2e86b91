import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ledgerError } from '../errors.ts';
import type { Redelivery } from '../questions/replay/answer.ts';

/** What a function is given that sends a message again; its names are those of facts and of the API. */
export interface ReplayOrder extends Redelivery {
  readonly message_id: string;
  readonly correlation_id: string;
  readonly event_type: string | null;
  readonly tenant_id: string | null;
  readonly business_key: string | null;
  readonly facts: readonly Readonly<Record<string, unknown>>[];
  readonly plan_id: string;
  readonly actor: string;
  readonly reason: string;
}

/** Sends it again. What it answers may name the message that it has made instead, where the payload was edited. */
export type Replay = (order: ReplayOrder) => unknown;

const appConfigFile = 'waybill.config.mjs';

/**
 * The function by which the app sends messages of a system again.
 *
 * @throws APP_CONFIG_MISSING, APP_CONFIG_FAILED, REPLAY_MISSING.
 */
export async function replayOf(system: string, folder = process.cwd()): Promise<Replay> {
  const path = resolve(folder, appConfigFile);
  if (!existsSync(path)) throw ledgerError('APP_CONFIG_MISSING', folder);
  const { replay }: { readonly replay?: unknown } = await import(pathToFileURL(path).href).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw Object.assign(ledgerError('APP_CONFIG_FAILED', path, why), { cause: error });
  });
  const functions = typeof replay === 'object' && replay !== null ? Object.entries(replay) : [];
  const own = functions.find(([name]) => name === system)?.[1];
  // Sound: what it takes and answers is the app's to keep to.
  if (typeof own === 'function') return own as Replay;
  throw ledgerError('REPLAY_MISSING', path, system, functions.map(([name]) => name).join(', ') || 'nothing');
}
