import { existsSync } from 'node:fs';
import { ledgerError } from '../errors.ts';
import { readConfig } from './config-file.ts';
import type { FlagName } from './flags.ts';

interface SettingEntry {
  readonly flag: FlagName;
  readonly variable: string;
  /** Null where there is none. */
  readonly byDefault: string | null;
  readonly says: string;
}

/** What a server can be told, by its key in the file. */
export const SETTINGS = {
  host: { flag: 'host', variable: 'WAYBILL_HOST', byDefault: '127.0.0.1', says: 'the address it listens on' },
  port: { flag: 'port', variable: 'WAYBILL_PORT', byDefault: '7733', says: 'the port; 0 takes any that is free' },
  data: { flag: 'data', variable: 'WAYBILL_DATA', byDefault: '.waybill', says: 'the folder of its file' },
  clickhouse: {
    flag: 'clickhouse',
    variable: 'WAYBILL_CLICKHOUSE_URL',
    byDefault: null,
    says: 'the URL of a ClickHouse database, in place of the file',
  },
  keep: { flag: 'keep', variable: 'WAYBILL_KEEP', byDefault: null, says: 'how long: `30d`, `12h`, `90m`; for ever' },
  max_bytes: {
    flag: 'max-bytes',
    variable: 'WAYBILL_MAX_BYTES',
    byDefault: null,
    says: 'how much: `20GiB`, `500MB`; without a limit',
  },
  tokens: { flag: 'tokens', variable: 'WAYBILL_TOKENS', byDefault: null, says: 'a file of tokens to ask for' },
} as const satisfies Record<string, SettingEntry>;

export type SettingName = keyof typeof SETTINGS;

/** A value, and the words by which an error names it. */
export interface Setting {
  readonly name: string;
  readonly value: string;
}

const fileDefault = 'waybill.json';
// Sound: the keys of a constant are its names.
const NAMES = Object.keys(SETTINGS) as SettingName[];

/**
 * Each setting from the first that gives it: flag, environment, file, default.
 *
 * @throws CONFIG_UNKNOWN, CONFIG_UNREADABLE.
 */
export function readSettings(
  given: ReadonlyMap<FlagName, string>,
  env: NodeJS.ProcessEnv,
): (name: SettingName) => Setting | undefined {
  const { file, written } = configOf(given);
  return (name) => {
    const { flag, variable, byDefault }: SettingEntry = SETTINGS[name];
    const typed = given.get(flag);
    if (typed !== undefined) return { name: `--${flag}`, value: typed };
    const fromEnv = env[variable];
    if (fromEnv) return { name: variable, value: fromEnv };
    const inFile = written.get(name);
    if (inFile !== undefined) return { name: `"${name}" in ${file}`, value: textOf(inFile, name, file) };
    return byDefault === null ? undefined : { name: `--${flag}`, value: byDefault };
  };
}

/**
 * What the file says of destinations, which no flag could; an empty list, if nothing.
 *
 * @throws CONFIG_UNKNOWN, CONFIG_UNREADABLE.
 */
export function readDestinations(given: ReadonlyMap<FlagName, string>): readonly unknown[] {
  const { file = '', written } = configOf(given);
  const destinations = written.get('destinations') ?? [];
  if (!Array.isArray(destinations)) throw ledgerError('CONFIG_UNREADABLE', file, '"destinations" is no list');
  return destinations;
}

function configOf(given: ReadonlyMap<FlagName, string>) {
  const file = given.get('config') ?? (existsSync(fileDefault) ? fileDefault : undefined);
  const none = new Map<SettingName | 'destinations', unknown>();
  return { file, written: file === undefined ? none : readConfig(file, [...NAMES, 'destinations']) };
}

function textOf(value: unknown, name: string, file = ''): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw ledgerError('CONFIG_UNREADABLE', file, `"${name}" is neither a text nor a number`);
}
