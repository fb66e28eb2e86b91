import { parseArgs } from 'node:util';
import { ledgerError } from '../errors.ts';
import { nearest, pasted } from './suggestions.ts';

interface Flag {
  readonly type: 'boolean' | 'string';
  /** What stands for its value in help. */
  readonly value?: string;
  readonly says: string;
}

/** Every flag of the command line, in the order help lists them. */
export const FLAGS = {
  check: { type: 'boolean', says: 'exit with 10 where something is found' },
  list: { type: 'boolean', says: 'message by message, instead of in sums' },
  since: { type: 'string', value: 'TIME', says: 'from then on: 14:02, 2h ago, or an RFC 3339 time' },
  until: { type: 'string', value: 'TIME', says: 'up to then' },
  'as-of': { type: 'string', value: 'TIME', says: 'answer as of 14:02, 2h ago, or an RFC 3339 time' },
  tenant: { type: 'string', value: 'TENANT', says: 'of this one alone (WAYBILL_TENANT)' },
  limit: { type: 'string', value: 'ROWS', says: 'at most so many, of up to 200' },
  follow: { type: 'boolean', says: 'go on as facts come, until Ctrl-C' },
  sort: { type: 'string', value: 'WORD', says: 'first by oldest, depth, name or consumers (oldest)' },
  after: { type: 'string', value: 'CURSOR', says: 'the next page, behind the cursor of the last' },
  json: { type: 'boolean', says: "print the API's document" },
  schema: { type: 'string', value: '1', says: 'of that version, whatever comes later' },
  local: { type: 'boolean', says: "times by this machine's clock, read and printed (UTC)" },
  db: { type: 'string', value: 'PATH', says: 'use this ledger file, without a server' },
  workflow: { type: 'string', value: 'ID', says: 'of one workflow, by an id in it or a business key' },
  plan: { type: 'boolean', says: 'tell only; this is the default' },
  execute: { type: 'boolean', says: 'have the app send it again' },
  reason: { type: 'string', value: 'TEXT', says: 'why it is sent again' },
  actor: { type: 'string', value: 'NAME', says: 'who sends it again (the user of this machine)' },
  host: { type: 'string', value: 'ADDRESS', says: 'listen on it; any but loopback needs tokens (127.0.0.1)' },
  port: { type: 'string', value: 'PORT', says: 'listen there; 0 takes any that is free (7733)' },
  data: { type: 'string', value: 'DIR', says: 'keep the ledger in this folder (.waybill)' },
  clickhouse: { type: 'string', value: 'URL', says: 'the ledger in ClickHouse: http://host:8123/database' },
  keep: { type: 'string', value: 'TIME', says: 'delete workflows that have been quiet for 30d, 12h or 90m' },
  'max-bytes': { type: 'string', value: 'SIZE', says: 'delete the oldest where more than 20GiB or 500MB is in use' },
  tokens: { type: 'string', value: 'FILE', says: 'JSON with the tokens to ask for: ingest, read, admin' },
  config: { type: 'string', value: 'FILE', says: 'read settings from it (waybill.json, if it is there)' },
  print: { type: 'boolean', says: 'print the DDL of ClickHouse, and run none of it' },
  cluster: {
    type: 'string',
    value: 'NAME',
    says: 'for the cluster of that name, and its shards',
  },
  'cold-after': { type: 'string', value: 'TIME', says: 'move facts to the volume "cold" after 30d' },
  color: { type: 'string', value: 'WHEN', says: 'always, never or auto' },
  'business-key': { type: 'string', value: 'KEY', says: 'of one business key, as it was recorded' },
  yes: { type: 'boolean', says: 'do not ask first' },
  quiet: { type: 'boolean', says: 'print answers and errors alone' },
  'no-hints': { type: 'boolean', says: 'leave out what to ask next' },
  debug: { type: 'boolean', says: 'show where an error comes from' },
  help: { type: 'boolean', says: 'this page' },
  version: { type: 'boolean', says: 'the version of waybill' },
} as const satisfies Record<string, Flag>;

export type FlagName = keyof typeof FLAGS;

/** What was typed: `given` holds the value of each flag, '' for one that takes none. */
export interface Typed {
  readonly verb: string | undefined;
  readonly operands: readonly string[];
  readonly given: ReadonlyMap<FlagName, string>;
  /** Flags that nobody has, as they were typed. */
  readonly unknown: readonly string[];
}

/** Reads the words of a command; what is wrong with them is said by `checkFlags`, when the verb is known. */
export function readWords(words: readonly string[]): Typed {
  const { positionals, tokens } = parseArgs({
    args: [...words],
    options: { ...OPTIONS, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const given = new Map<FlagName, string>();
  const unknown: string[] = [];
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (isFlag(token.name)) given.set(token.name, token.value ?? '');
    else unknown.push(token.rawName);
  }
  const [verb, ...operands] = positionals;
  return { verb, operands, given, unknown };
}

/** Throws at a flag that the verb does not have, and at one without the value it needs. */
export function checkFlags({ verb, operands, given, unknown }: Typed, known: readonly FlagName[]): void {
  const name = verb ?? 'waybill';
  const stray = unknown[0] ?? [...given.keys()].filter((flag) => !known.includes(flag)).map((flag) => `--${flag}`)[0];
  if (stray !== undefined) {
    const near = nearest(stray.replace(/^-+/, ''), known);
    const [first] = near;
    const words = ['waybill', ...(verb ? [verb] : [])];
    throw Object.assign(ledgerError('FLAG_UNKNOWN', name, stray), {
      fix: pasted(...words, ...(first ? [...operands, `--${first}`] : ['--help'])),
      details: { did_you_mean: near.map((id) => ({ kind: 'flag', id })) },
    });
  }
  for (const [flag, value] of given) {
    if (FLAGS[flag].type === 'boolean' && value !== '')
      throw ledgerError('ARGUMENT_INVALID', `--${flag}`, 'without a value', value);
    if (FLAGS[flag].type === 'string' && value === '')
      throw ledgerError('ARGUMENT_INVALID', `--${flag}`, FLAGS[flag].says, 'empty');
  }
  const schema = given.get('schema');
  if (schema !== undefined && schema !== '1')
    throw ledgerError('ARGUMENT_INVALID', '--schema', '1, the only version that there is', schema);
  const color = given.get('color');
  if (color !== undefined && !['always', 'never', 'auto'].includes(color))
    throw ledgerError('ARGUMENT_INVALID', '--color', 'always, never or auto', color);
}

const OPTIONS = Object.fromEntries(Object.entries(FLAGS).map(([name, { type }]) => [name, { type }]));

function isFlag(name: string): name is FlagName {
  return Object.hasOwn(FLAGS, name);
}
