import { EventEmitter } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ConfigError } from '../errors.js';
import { type CommandProcess, runStageCommand, type StageReady } from './stage-command.js';

class FakeProcess extends EventEmitter implements CommandProcess {
  out = '';
  err = '';
  readonly stdin = Object.assign(new EventEmitter(), {
    resume: () => {},
  }) as unknown as CommandProcess['stdin'];
  readonly stdout = { write: (text: string) => this.#heard('out', text) };
  readonly stderr = { write: (text: string) => this.#heard('err', text) };

  #heard(where: 'out' | 'err', text: string): void {
    this[where] += text;
    this.emit('text');
  }

  /** Resolves when stdout has a whole line. */
  async line(): Promise<string> {
    while (!this.out.includes('\n')) await new Promise<void>((resolve) => this.once('text', resolve));
    return this.out;
  }

  closeStdin(): void {
    (this.stdin as unknown as EventEmitter).emit('end');
  }
}

it('says in one JSON line where it is, and leaves when its parent is gone', async () => {
  const host = new FakeProcess();
  const over = runStageCommand({ ready: 'json', exitWithParent: true, streamKey: 'key', bitsPerS: 0 }, host);
  const ready = JSON.parse(await host.line()) as StageReady;
  expect(ready).toMatchObject({ kind: 'stage_ready', streamKey: 'key' });
  expect(host.out.trim().split('\n')).toHaveLength(1);
  expect(host.err).toContain(ready.urls.apiUrl);
  expect((await fetch(`${ready.controlUrl}/__stage/health`)).status).toBe(200);
  host.closeStdin();
  await over;
  await expect(fetch(`${ready.controlUrl}/__stage/health`)).rejects.toThrow();
});

it.each(['SIGINT', 'SIGTERM'])(
  'leaves on %s and not when its stdin ends, if nobody asked for that',
  async (signal) => {
    const host = new FakeProcess();
    const over = runStageCommand({ bitsPerS: 0 }, host);
    const url = /http:\S+:\d+/.exec(await host.line())?.[0];
    host.closeStdin();
    expect((await fetch(`${url}/health`)).status).toBe(200);
    host.emit(signal);
    await over;
    await expect(fetch(`${url}/health`)).rejects.toThrow();
  },
);

it('writes users whose tokens it accepts, readable by their owner only', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dorami-load-users-'));
  const usersOut = join(folder, 'users.csv');
  const host = new FakeProcess();
  const over = runStageCommand({ ready: 'json', bitsPerS: 0, usersOut, usersCount: 3 }, host);
  const { urls } = JSON.parse(await host.line()) as StageReady;
  const rows = (await readFile(usersOut, 'utf8')).trim().split('\n');
  expect(rows).toHaveLength(4);
  expect(rows[0]).toBe('userId,accessToken,refreshToken,sid');
  expect((await stat(usersOut)).mode & 0o077).toBe(0);
  const token = rows[3]?.split(',')[1];
  const me = await fetch(`${urls.apiUrl}/api/users/me`, { headers: { authorization: `Bearer ${token}` } });
  expect(await me.json()).toMatchObject({ data: { userId: rows[3]?.split(',')[0] } });
  host.emit('SIGTERM');
  await over;
  await rm(folder, { recursive: true });
});

it('leaves nothing running when its users file cannot be written', async () => {
  const host = new FakeProcess();
  const usersOut = join(tmpdir(), 'no-such-folder-of-ours', 'users.csv');
  const port = await freePort();
  await expect(runStageCommand({ bitsPerS: 0, port, usersOut }, host)).rejects.toThrow(/--users-out.*ENOENT/);
  await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
});

it('refuses a port that somebody else has, in words, and keeps no timer', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as { port: number };
  const timersBefore = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const running = runStageCommand({ bitsPerS: 0, port }, new FakeProcess());
  await expect(running).rejects.toThrow(ConfigError);
  await expect(running).rejects.toThrow(`127.0.0.1:${port}: EADDRINUSE`);
  const timersNow = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  expect(timersNow).toBeLessThanOrEqual(timersBefore);
  other.close();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
