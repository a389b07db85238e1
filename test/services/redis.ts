import { programPath } from './available.js';
import { freePort, startService, temporaryFolder, waitForPort } from './child.js';
import { type Store, startStore } from './store.js';

/** Starts a real Redis on a free loopback port, without files of its own; `lines` are of its configuration. */
export async function startRedis(lines: readonly string[] = []): Promise<Store> {
  const program = programPath('redis-server');
  if (program === undefined) throw new Error('redis-server is not installed');
  const port = await freePort();
  const folder = temporaryFolder('redis');
  const own = ['bind 127.0.0.1', `port ${port}`, 'save ""', 'appendonly no', `dir ${folder}`];
  const args = [...own, ...lines].flatMap((line) => {
    const [name, ...values] = line.split(' ');
    return [`--${name}`, ...values.map((value) => (value === '""' ? '' : value))];
  });
  return startStore({ port, url: `redis://127.0.0.1:${port}` }, async () => {
    const service = startService({ command: program, args, folder });
    try {
      await waitForPort(port, service);
    } catch (error) {
      await service.stop();
      throw error;
    }
    return service;
  });
}
