import { connect } from 'node:net';

/**
 * Why a broker's tests cannot run here; undefined when it answers. With `CI=true` a missing broker is a failure,
 * so that no green run was an empty one.
 */
export async function missingBroker(name: string, port: number): Promise<string | undefined> {
  const answers = await new Promise<boolean>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 2000 });
    const over = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => over(true));
    socket.once('error', () => over(false));
    socket.once('timeout', () => over(false));
  });
  if (answers) return undefined;
  const reason = `SKIPPED: ${name} does not answer on port ${port}; its conformance was not tested`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  console.error(reason);
  return reason;
}
