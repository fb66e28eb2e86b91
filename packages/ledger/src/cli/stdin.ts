import { stripVTControlCharacters } from 'node:util';

const OWN_ID = /(?<![0-9A-Za-z_])(?:exe|msg|req|tick|run|bat)_[0-7][0-9A-HJKMNP-TV-Z]{25}(?![0-9A-Za-z])/gi;
const TRACE_ID = /(?<![0-9A-Fa-f])[0-9a-f]{32}(?![0-9A-Fa-f])/g;
/** `"job_id": "42"`, `job_id: '42'`, `jobId=42`: a name, and its value in quotes or bare. */
const FIELD =
  /(["']?)\b([A-Za-z][\w.-]{0,40})\1\s{0,4}[:=]\s{0,4}("(?:[^"\\]|\\.){1,256}"|'[^'\n]{1,256}'|[\w:./+-]{1,128})/g;
/** Fields in which log lines carry ids that we cannot tell by their looks: ours, then whatever an app calls an id. */
const OUR_FIELD = /^(?:execution_id|message_id|correlation_id|causation_id|broker_id|job_id|jobId|business_key)$/;
const ID_FIELD = /(?:^|[_.-])(?:id|key)$|[a-z](?:Id|Key)$/;

/** A stack trace may be long; the ids of interest are few. */
export const candidatesMax = 16;
export const stdinLengthMax = 1_048_576;

/**
 * What a log line (JSON or text) or a stack trace may name, the most telling first: an execution says more than its
 * message, a message more than its workflow. Which of them are known, only the ledger can say.
 */
export function idsIn(text: string): string[] {
  const read = plainText(text.slice(0, stdinLengthMax));
  // A terminal that is copied from has broken its lines wherever it ended, within an id too.
  const own = [read, read.replace(/\r?\n[ \t]*/g, '')].flatMap((each) => [...each.matchAll(OWN_ID)].map(([id]) => id));
  const of = (...kinds: readonly string[]) => own.filter((id) => kinds.includes(id.slice(0, 3).toLowerCase()));
  const fields = [...read.matchAll(FIELD)].map(([, , name = '', value = '']) => ({ name, id: unquoted(value) }));
  const ours = fields.filter(({ name }) => OUR_FIELD.test(name)).map(({ id }) => id);
  const others = fields.filter(({ name }) => ID_FIELD.test(name)).map(({ id }) => id);
  const traces = [...read.matchAll(TRACE_ID)].map(([id]) => id);
  const all = [...of('exe'), ...of('msg'), ...own, ...ours, ...traces, ...others].filter((id) => id !== '');
  return [...new Set(all)].slice(0, candidatesMax);
}

/** Without colours, and as it was before it became part of an address, or a text within JSON. */
function plainText(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/%([2-7][0-9A-Fa-f])/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replaceAll('\\"', '"')
    .replaceAll('\\n', '\n');
}

function unquoted(value: string): string {
  if (value.startsWith("'")) return value.slice(1, -1);
  if (!value.startsWith('"')) return value.replace(/[.:]+$/, '');
  try {
    const text: unknown = JSON.parse(value);
    return typeof text === 'string' ? text : '';
  } catch {
    return '';
  }
}
