/** Every error that the library raises; docs/errors.md is generated from here. A code never changes its meaning. */
export const ERRORS = {
  OPTION_INVALID: {
    message: (where: string, option: string, expected: string, given: string) =>
      `${where} expects "${option}" to be ${expected}, and got ${given}.`,
    fix: 'Give the option a value of that kind, or leave it out.',
  },
  OPTION_MISSING: {
    message: (where: string, option: string, expected: string) => `${where} needs the option "${option}": ${expected}.`,
    fix: 'Add the option.',
  },
  OPTION_UNKNOWN: {
    message: (where: string, option: string, near: string) => `${where} has no option "${option}".${near}`,
    fix: 'Correct its name, or remove it.',
  },
  CLIENT_UNFIT: {
    message: (where: string, lacks: string) => `${where} was given an object that has no ${lacks}.`,
    fix: 'Pass the client itself, first, and the Waybill instance second.',
  },
} as const;

export type WaybillErrorCode = keyof typeof ERRORS;
/** Callers branch on `code`: `instanceof` fails where two copies of the library are loaded. */
export type WaybillError = Error & { readonly code: WaybillErrorCode; readonly fix: string };

/** An error for a mistake in configuration. At run time nothing of ours throws. */
export function waybillError<Code extends WaybillErrorCode>(
  code: Code,
  ...details: Parameters<(typeof ERRORS)[Code]['message']>
): WaybillError {
  const { message, fix } = ERRORS[code];
  // Sound: `details` are the parameters of this code's own message; the union of all messages hides that.
  const what = (message as (...texts: string[]) => string)(...details);
  return Object.assign(new Error(`${code}: ${what} ${fix}`), { code, fix });
}
