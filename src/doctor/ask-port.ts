import type { Connector } from '../net/connect.js';

const PATIENCE_MS = 1000;
const MAX_BYTES = 200;

/**
 * Connects to a port, says a line and takes the begin of the answer; nothing is said where the line is empty, and the
 * answer is then empty, too. Undefined = no connection, or no answer in time.
 */
export function askPort(
  connector: Connector,
  host: string,
  port: number,
  line: string,
): Promise<string | undefined> {
  const socket = connector.open({ host, port, tls: false });
  return new Promise((resolve) => {
    const end = (answer?: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(), PATIENCE_MS);
    socket.once('connect', () => (line === '' ? end('') : socket.write(line)));
    socket.once('data', (chunk: Buffer) => end(chunk.subarray(0, MAX_BYTES).toString('latin1')));
    socket.once('error', () => end());
    socket.once('close', () => end());
  });
}
