const CAUSES_MAX = 10;

/** Whether an error, or what caused it, has that name; by name, because there may be two copies of this module. */
export function isCausedBy(error: unknown, name: 'SkipRetry' | 'RevokeTask'): boolean {
  let each = error;
  for (let depth = 0; depth < CAUSES_MAX && each instanceof Error; depth++) {
    if (each.name === name) return true;
    each = each.cause;
  }
  return false;
}

/** What Redis keeps of an error, whatever was thrown. */
export function messageOf(error: unknown): string {
  try {
    return String(error);
  } catch {
    return 'an error that cannot be read';
  }
}
