/** What the process ends with where nothing went wrong, and a script may still want to know. */
export const EXIT_CODES = {
  /** Done, yet not with all there was to it. */
  partial: 7,
  /** `--check` has found something. */
  found: 10,
} as const;
