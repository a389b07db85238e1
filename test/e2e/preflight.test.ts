import { createServer, type Server, type Socket } from 'node:net';
import { describe, expect, type TestContext, test } from 'vitest';
import { freePort } from '../services/child.js';
import { measured, runLoad } from './cli.js';
import { startStage } from './stage.js';

/** A server that does one thing with every connection; its port. */
async function startPort(context: TestContext, onConnection: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  const open = new Set<Socket>();
  server.on('connection', (socket) => open.add(socket));
  context.onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

describe.concurrent('before a run', () => {
  test('a working platform is looked at, left again, and nothing is warned of', async ({
    onTestFinished,
  }) => {
    const stage = await startStage();
    onTestFinished(() => stage.stop());
    const result = await measured(() => runLoad([...stage.flags(), '--vus', '2', '--duration', '8s']));
    expect(result.stderr).toMatch(/^preflight {2}✓ REST {5}stream LIVE/m);
    expect(result.stderr).toMatch(
      /^preflight {2}✓ stamps {3}capture times: FLV capture stamp, HLS capture stamp$/m,
    );
    expect(result.stderr).toMatch(/^preflight {2}nothing to warn of/m);
    // The look's viewer and two of the run.
    const { viewers, sockets } = await stage.counts();
    expect(viewers.joins % 3).toBe(0);
    expect(viewers.now).toBe(0);
    expect(sockets.connectionsNow).toBe(0);
  });

  test('what will leave rows without data is said beforehand, and in the summary', async () => {
    const load = ['--vus', '2', '--duration', '8s', '--stage-fault', 'no-stamps'];
    const result = await measured(() => runLoad(load));
    expect(result.stderr).toMatch(
      /^preflight {2}! stamps {3}FLV (and HLS )?without capture times .* no data$/m,
    );
    expect(result.stdout).toMatch(/before the run, stamps: FLV/);
  });

  test.for<readonly [string, (socket: Socket) => void]>([
    ['says nothing', () => {}],
    ['hangs up', (socket) => void socket.destroy()],
  ])('a port that takes connections and %s: 113', async ([_, onConnection], context) => {
    const port = await startPort(context, onConnection);
    const startedAtMs = performance.now();
    const result = await runLoad(['--target', `http://127.0.0.1:${port}`, '--vus', '2', '--duration', '8s']);
    expect(result.code, result.stderr).toBe(113);
    expect(result.reason).toMatch(/answers nothing: neither REST nor sockets nor media/);
    expect(result.runDir).toBeUndefined();
    expect(performance.now() - startedAtMs).toBeLessThan(25_000);
  });

  test('a port that answers rubbish is a broken platform: it is measured, and fails', async (context) => {
    const port = await startPort(context, (socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    const load = ['--target', `http://127.0.0.1:${port}`, '--vus', '4', '--duration', '14s'];
    const result = await measured(() => runLoad(load));
    expect(result.code, result.stderr).toBe(99);
    expect(result.stderr).toMatch(/^preflight {2}! REST/m);
  });

  test('--no-preflight looks at nothing: a dead target is judged', async () => {
    const target = ['--target', `http://127.0.0.1:${await freePort()}`, '--no-preflight'];
    const result = await measured(() => runLoad([...target, '--vus', '4', '--duration', '14s']));
    expect(result.code, result.stderr).toBe(99);
    expect(result.stderr).not.toMatch(/preflight/);
  });
});
