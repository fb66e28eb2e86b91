// Plain JavaScript that an old Node can read: it has to get as far as saying that it is too old.
export const RANGE = '^22.22.0 || >=24.13.0';

/** Whether this Node ends a stack overflow under AsyncLocalStorage with an error, and not with the process. */
export function isSupported(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  return (major === 22 && minor >= 22) || (major === 24 && minor >= 13) || major > 24;
}

export function refusal(version) {
  return `waybill needs Node ${RANGE}, and this is ${version}: install a newer one from https://nodejs.org`;
}
