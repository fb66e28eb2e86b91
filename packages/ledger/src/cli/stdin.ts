const OWN_ID = /(?<![0-9A-Za-z_])(?:exe|msg|req|tick|run|bat)_[0-7][0-9A-HJKMNP-TV-Z]{25}(?![0-9A-Za-z])/g;
const TRACE_ID = /(?<![0-9A-Fa-f])[0-9a-f]{32}(?![0-9A-Fa-f])/g;
/** Fields in which log lines carry ids that we cannot tell by their looks. */
const NAMED =
  /"(?:execution_id|message_id|correlation_id|broker_id|job_id|jobId|business_key)"\s*:\s*("(?:[^"\\]|\\.){1,256}")/g;

/** A stack trace may be long; the ids of interest are few. */
export const candidatesMax = 16;
export const stdinLengthMax = 1_048_576;

/**
 * What a log line (JSON or text) or a stack trace may name, the most telling first: an execution says more than its
 * message, a message more than its workflow. Which of them are known, only the ledger can say.
 */
export function idsIn(text: string): string[] {
  const read = text.slice(0, stdinLengthMax);
  const own = [...read.matchAll(OWN_ID)].map(([id]) => id);
  const named = [...read.matchAll(NAMED)].flatMap(([, value]) => unquoted(value));
  const traces = [...read.matchAll(TRACE_ID)].map(([id]) => id);
  const executions = own.filter((id) => id.startsWith('exe_'));
  const messages = own.filter((id) => id.startsWith('msg_'));
  return [...new Set([...executions, ...messages, ...own, ...named, ...traces])].slice(0, candidatesMax);
}

function unquoted(value: string | undefined): string[] {
  try {
    const text: unknown = JSON.parse(value ?? '');
    return typeof text === 'string' ? [text] : [];
  } catch {
    return [];
  }
}
