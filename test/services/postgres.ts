import { spawnSync } from 'node:child_process';
import { appendFileSync, chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programPath } from './available.js';
import { freePort, type Service, startService, temporaryFolder, waitUntil } from './child.js';
import { type Store, startStore } from './store.js';

/** The superuser of a server that `startPostgres` started; it is let in without a password. */
export const POSTGRES_USER = 'owner';

/**
 * Starts a real PostgreSQL on a free loopback port over new files in a temporary folder. `settings` are lines of
 * postgresql.conf, `access` are lines of pg_hba.conf that stand before the one that lets everybody in. As root it
 * runs as Debian's user postgres, since it refuses root.
 */
export async function startPostgres(
  settings: readonly string[] = [],
  access: readonly string[] = [],
): Promise<Store> {
  const folder = temporaryFolder('postgres');
  const data = join(folder, 'data');
  const port = await freePort();
  const user = ownUser();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  run(
    'initdb',
    ['-D', data, '-U', POSTGRES_USER, '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'],
    user,
  );
  appendFileSync(
    join(data, 'postgresql.conf'),
    [
      ...["listen_addresses = '127.0.0.1'", `port = ${port}`, `unix_socket_directories = '${folder}'`],
      // Nothing of it outlives the test: a disk that is slow must not spoil it.
      ...[
        'fsync = off',
        'full_page_writes = off',
        'shared_buffers = 16MB',
        'max_wal_size = 64MB',
        'jit = off',
      ],
      ...settings,
      '',
    ].join('\n'),
  );
  const everybody = 'host all all 127.0.0.1/32 trust';
  writeFileSync(join(data, 'pg_hba.conf'), [...access, everybody, ''].join('\n'));
  const url = `postgresql://${POSTGRES_USER}@127.0.0.1:${port}/postgres`;
  const isReady = async (): Promise<boolean> =>
    spawnSync(program('pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]).status === 0;
  return startStore({ port, url }, async () => {
    const service = start(folder, data, user);
    try {
      await waitUntil('PostgreSQL', isReady, service);
    } catch (error) {
      await service.stop();
      throw error;
    }
    return service;
  });
}

function start(folder: string, data: string, user: User | undefined): Service {
  const line = [program('postgres'), '-D', data];
  if (user === undefined) return startService({ command: line[0] ?? '', args: line.slice(1), folder });
  // The leash of startService is lost with the change of the user: it is put on once more after it.
  const as = [
    '--reuid',
    String(user.uid),
    '--regid',
    String(user.gid),
    '--clear-groups',
    '--pdeathsig',
    'INT',
  ];
  return startService({ command: program('setpriv'), args: [...as, ...line], folder });
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Whom the server runs as; undefined = as ourselves. */
function ownUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string): number =>
    Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout);
  return { uid: idOf('-u'), gid: idOf('-g') };
}

function run(name: string, args: readonly string[], user: User | undefined): void {
  const done = spawnSync(program(name), [...args], { encoding: 'utf8', cwd: '/', ...user });
  if (done.status !== 0) throw new Error(`${name}: ${done.stderr}${done.error?.message ?? ''}`);
}

function program(name: string): string {
  const path = programPath(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  return path;
}
