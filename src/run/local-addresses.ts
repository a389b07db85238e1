import { createServer } from 'node:net';
import { ConfigError, type ConfigIssue } from '../errors.js';

/** Tries that run at a time. */
const AT_ONCE = 64;
const MAX_NAMED = 5;

/**
 * Makes sure that viewers can connect from each of `addresses`: what cannot be bound is not an address of this machine.
 * @throws {ConfigError} naming those that are not
 */
export async function checkLocalAddresses(addresses: readonly string[]): Promise<void> {
  const issues: ConfigIssue[] = [];
  for (let from = 0; from < addresses.length; from += AT_ONCE) {
    const found = await Promise.all(addresses.slice(from, from + AT_ONCE).map(bindProblem));
    issues.push(...found.filter((issue) => issue !== undefined));
  }
  const more = issues.length - MAX_NAMED;
  if (more > 0) {
    issues.splice(MAX_NAMED, more, { path: '--local-ips', problem: `and ${more} more of the same kind` });
  }
  if (issues.length > 0) throw new ConfigError(issues);
}

function bindProblem(address: string): Promise<ConfigIssue | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      const { code = error.message } = error;
      const problem =
        code === 'EADDRNOTAVAIL' ? 'not an address of this machine' : `cannot connect from it: ${code}`;
      resolve({ path: '--local-ips', problem, seen: address });
    });
    server.listen({ host: address, port: 0, exclusive: true }, () => {
      server.close(() => resolve(undefined));
    });
  });
}
