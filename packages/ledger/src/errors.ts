/** What one error says. `status` is that of the HTTP answer; an error without one never leaves the process. */
interface ErrorEntry {
  readonly message: (...details: string[]) => string;
  /** A command or a sentence that can be followed as it stands; it names only what exists. */
  readonly fix: string;
  readonly status?: number;
}

/** Every error that the ledger and its command line raise, by code. A code never changes its meaning. */
export const ERRORS = {
  ADDRESS_PUBLIC: {
    message: (hostname: string) => `without tokens the ledger answers everybody, so it does not listen on ${hostname}`,
    fix: 'Set WAYBILL_INGEST_TOKEN and WAYBILL_READ_TOKEN, or listen on 127.0.0.1.',
  },
  APP_CONFIG_FAILED: {
    message: (path: string, why: string) => `${path} could not be loaded: ${why}`,
    fix: 'Mend what it says; --debug shows where.',
  },
  APP_CONFIG_MISSING: {
    message: (folder: string) => `${folder} has no waybill.config.mjs, which says how messages are sent again`,
    fix: 'Write one that exports `replay`, as docs/operations.md shows.',
  },
  ARGUMENT_INVALID: {
    message: (name: string, expected: string, given: string) => `${name} has to be ${expected}, and is ${given}`,
    fix: 'waybill why --help',
    status: 400,
  },
  ARGUMENT_MISSING: {
    message: (question: string, forms = 'an id, its ending or a business key') => `${question} needs ${forms}`,
    fix: 'waybill why --help',
    status: 400,
  },
  BODY_TOO_LARGE: {
    message: (limit: string) => `the body is larger than ${limit}`,
    fix: 'Send fewer records in one request.',
    status: 413,
  },
  BODY_UNREADABLE: {
    message: (why: string) => `the body cannot be read: ${why}`,
    fix: 'Send an OTLP request as JSON in UTF-8 or as protobuf, plain or as gzip.',
    status: 400,
  },
  COMMAND_UNKNOWN: {
    message: (command: string) => `no command "${command}"`,
    fix: 'waybill --help',
  },
  COMMAND_UNSTARTABLE: {
    message: (command: string, why: string) => `"${command}" cannot be started: ${why}`,
    fix: 'Give a command as a shell would find it: waybill dev -- npm start',
  },
  CONFIG_UNKNOWN: {
    message: (path: string, key: string, near: string) => `${path} has an unknown key "${key}"${near}`,
    fix: 'Correct its name, or remove it.',
  },
  CONFIG_UNREADABLE: {
    message: (path: string, why: string) => `${path} cannot be read as configuration: ${why}`,
    fix: 'Write one JSON object: {"port": 7733}.',
  },
  COPY_FAILED: {
    message: (from: string, to: string, why: string) => `${from} could not be copied to ${to}: ${why}`,
    fix: 'Give the file of a ledger, and a place with room for it.',
  },
  DESTINATION_UNKNOWN: {
    message: (name: string) => `nothing was said of a destination "${name}"`,
    fix: 'Ask GET /api/v1/destinations which there are.',
    status: 404,
  },
  DESTINATIONS_FULL: {
    message: (limit: string) => `the ledger keeps what is said of ${limit} destinations, and this names more`,
    fix: 'Report fewer: a queue for each reply is none of them.',
    status: 409,
  },
  DESTINATION_INVALID: {
    message: (name: string, expected: string, given: string) => `${name} has to be ${expected}, and is ${given}`,
    fix: 'Correct it, and send all of it again: nothing of this was kept.',
    status: 400,
  },
  FOLLOWERS_FULL: {
    message: (count: string) => `${count} clients follow what comes, and the ledger lets no more do so`,
    fix: 'Let one of them go, or ask again and again with the cursor of the last answer.',
    status: 503,
  },
  FLAG_UNKNOWN: {
    message: (verb: string, flag: string) => `${verb} has no flag "${flag}"`,
    fix: 'waybill --help',
  },
  HOST_REFUSED: {
    message: (host: string) => `the ledger does not answer for the host ${host}`,
    fix: 'Ask for it by 127.0.0.1, localhost or [::1], with its port.',
    status: 421,
  },
  ID_AMBIGUOUS: {
    message: (id: string, count: string) => `"${id}" fits ${count} messages`,
    fix: 'Give more of the id, or all of it.',
    status: 409,
  },
  ID_UNKNOWN: {
    message: (id: string, where: string) => `no id or key "${id}"${where}`,
    fix: 'waybill tail --limit 5',
    status: 404,
  },
  IMPORT_UNREADABLE: {
    message: (name: string, why: string) => `${name} cannot be imported: ${why}`,
    fix: 'waybill import --help',
  },
  LEDGER_BUSY: {
    message: (held: string) => `the ledger is taking ${held} of facts from others, and has no room for more at once`,
    fix: 'Send it again in a moment: nothing of this request was kept.',
    status: 429,
  },
  LEDGER_CLOSED: {
    message: () => 'the ledger is closing, and takes no more facts',
    fix: 'Send them again: nothing of this request was kept.',
    status: 503,
  },
  LEDGER_DAMAGED: {
    message: (why: string) => `the file of the ledger is damaged: ${why}`,
    fix: 'Stop the ledger, keep what is left of its file, and restore a backup: waybill restore --help',
    status: 500,
  },
  LEDGER_IN_USE: {
    message: (path: string) => `a process has ${path} open`,
    fix: 'Stop the ledger that serves it, and try again.',
  },
  LEDGER_LOG_DAMAGED: {
    message: (what: string) =>
      `the write-ahead log of the ledger is damaged: ${what}. Facts that came last may be missing; a write that was cut short leaves the same, and of that nothing was acknowledged`,
    fix: 'It goes on with all that could be read: waybill tail --limit 5 tells what came last; a backup may have more.',
  },
  LEDGER_NEWER: {
    message: (path: string, found: string, known: string) =>
      `${path} has schema ${found}, and this version of Waybill knows up to ${known}`,
    fix: 'Open it with the version of Waybill that wrote it, or a later one.',
  },
  LEDGER_OVERFULL: {
    message: (used: string, limit: string) =>
      `${used} bytes are in use, and the limit is ${limit}: all that is left is too young to be deleted`,
    fix: 'Set WAYBILL_MAX_BYTES to more, or send less.',
  },
  LEDGER_READ_ONLY: {
    message: () => 'this ledger shows a recording, and takes no facts',
    fix: 'Stop `waybill demo`, and start `waybill serve`.',
    status: 503,
  },
  LEDGER_UNOPENABLE: {
    message: (path: string, why: string) => `${path} cannot be opened as a ledger: ${why}`,
    fix: 'Give the path of a ledger file: `waybill serve` makes .waybill/ledger.sqlite.',
  },
  LEDGER_UNREACHABLE: {
    message: (address: string, what: string) => `ledger at ${address} ${what}`,
    fix: 'waybill doctor',
  },
  LEDGER_UNWRITABLE: {
    message: (why: string) => `the facts could not be written: ${why}`,
    fix: 'Free what the message names, and send them again: nothing of this request was kept.',
    status: 503,
  },
  MEDIA_TYPE_UNSUPPORTED: {
    message: (given: string) => `the ledger does not read ${given}`,
    fix: 'Send application/x-protobuf or application/json: OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf, or http/json.',
    status: 415,
  },
  NOT_A_LEDGER: {
    message: (address: string, what: string) => `what answers at ${address} is no ledger: ${what}`,
    fix: 'Set WAYBILL_URL to the address that `waybill serve` prints.',
  },
  NOT_CONFIRMED: {
    message: (consequence: string) => `this ${consequence}, and there is no terminal to ask`,
    fix: 'Say --yes.',
  },
  ORIGIN_REFUSED: {
    message: (origin: string) => `a page of ${origin} may neither write to the ledger nor follow it`,
    fix: 'Do it from a server, not from a page.',
    status: 403,
  },
  PORT_UNAVAILABLE: {
    message: (address: string, why: string) => `the ledger cannot listen on ${address}: ${why}`,
    fix: 'Stop what listens there, or choose another port.',
  },
  REPLAY_FAILED: {
    message: (system: string, why: string) => `the function that sends messages of ${system} again has failed: ${why}`,
    fix: 'Nothing was recorded: look whether it was sent before you try again.',
  },
  REPLAY_MISSING: {
    message: (path: string, system: string, found: string) =>
      `${path} exports no replay for ${system}, but for ${found}`,
    fix: 'Add a function under that name to `replay`.',
  },
  ROUTE_UNKNOWN: {
    message: (route: string) => `there is no ${route}`,
    fix: 'waybill --help',
    status: 404,
  },
  STDIN_UNKNOWN: {
    message: (count: string) => `stdin has no id that the ledger knows, of ${count} that it may name`,
    fix: 'waybill why --help',
  },
  STORE_UNREACHABLE: {
    message: (host: string, why: string) => `ClickHouse at ${host} gave no answer: ${why}`,
    fix: 'Ask again when it runs; `waybill serve` goes on as soon as it does.',
    status: 503,
  },
  TOKEN_MISSING: {
    message: (kind: string) => `this asks for a token of the kind "${kind}"`,
    fix: 'Set WAYBILL_TOKEN to one that the ledger knows.',
    status: 401,
  },
  TOKEN_UNFIT: {
    message: (kind: string, place: string) =>
      `token ${place} of the kind "${kind}" is not 16 to 256 printable ASCII characters without spaces and commas`,
    fix: 'openssl rand -hex 32',
  },
  TOKEN_UNKNOWN: {
    message: () => 'the ledger does not know this token',
    fix: 'Set WAYBILL_TOKEN to one that the ledger knows.',
    status: 401,
  },
  TOKEN_WRONG: {
    message: (kind: string) => `this asks for a token of the kind "${kind}", and yours is of another`,
    fix: 'Set WAYBILL_TOKEN to one of that kind.',
    status: 403,
  },
  UNEXPECTED: {
    message: () => 'something went wrong inside the ledger',
    fix: 'Ask again; if it stays, its log says more.',
    status: 500,
  },
} as const satisfies Record<string, ErrorEntry>;

/** When to ask again, where what is in the way may be over in a moment. */
export const retryAfterSeconds = 1;

type LedgerErrorCode = keyof typeof ERRORS;
/** Callers branch on `code`: `instanceof` fails where two copies of a package are loaded. */
export type LedgerError = Error & {
  readonly code: LedgerErrorCode;
  readonly fix: string;
  /** What only this code says besides: `did_you_mean`, `matches`. */
  readonly details?: object;
};

export function ledgerError<Code extends LedgerErrorCode>(
  code: Code,
  ...details: Parameters<(typeof ERRORS)[Code]['message']>
): LedgerError {
  const { message, fix } = ERRORS[code];
  // Sound: `details` are the parameters of this code's own message; the union of all messages hides that.
  const what = (message as (...texts: (string | undefined)[]) => string)(...details);
  return Object.assign(new Error(what), { code, fix });
}

/** Of the HTTP answer that tells it. */
export function statusOf({ code }: LedgerError): number {
  const { status = 500 }: ErrorEntry = ERRORS[code];
  return status;
}

/** Whether the same request may be answered later. */
export function isPassing(error: LedgerError): boolean {
  return [429, 503].includes(statusOf(error));
}

export function isLedgerError(error: unknown): error is LedgerError {
  return error instanceof Error && 'code' in error && Object.hasOwn(ERRORS, String(error.code));
}

/** The error as the API answers it. */
export function errorBody({ code, message, fix, details }: LedgerError): object {
  return { schema: 'waybill.error/1', code, message, fix, ...details };
}
