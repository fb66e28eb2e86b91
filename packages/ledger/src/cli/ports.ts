import { isLedgerError, ledgerError } from '../errors.ts';
import type { LedgerApp } from '../server/app.ts';
import type { Listening } from '../server/listen.ts';
import { SETTINGS, type Setting } from './settings.ts';
import { pasted } from './suggestions.ts';

const portMax = 65_535;
const hostname = '127.0.0.1';
export const urlDefault = `http://${hostname}:${SETTINGS.port.byDefault}`;

export function portOf(setting: Setting | undefined): number {
  const { name, value } = setting ?? { name: '--port', value: '' };
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > portMax)
    throw ledgerError('ARGUMENT_INVALID', name, `a number from 0 to ${portMax}`, value);
  return port;
}

/** On the port that was asked for; if none was, on the usual one, or where that is taken on any that is free. */
export async function listenLocally(
  app: LedgerApp,
  given: string | undefined,
  verb: string,
  ...command: readonly string[]
): Promise<Listening> {
  const { listen } = await import('../server/listen.ts');
  const port = portOf({ name: '--port', value: given ?? SETTINGS.port.byDefault });
  return listen(app, { port, hostname }).catch((error: unknown) => {
    if (given !== undefined) throw elsewhere(error, verb, port, ...(command.length > 0 ? ['--', ...command] : []));
    return listen(app, { port: 0, hostname });
  });
}

/** Another port is what one would try next: the next one is likely free. */
export function elsewhere(error: unknown, verb: string, port: number, ...rest: readonly string[]): unknown {
  if (!isLedgerError(error) || error.code !== 'PORT_UNAVAILABLE') return error;
  const next = String(port < portMax ? port + 1 : 0);
  return Object.assign(error, { fix: pasted('waybill', verb, '--port', next, ...rest) });
}
