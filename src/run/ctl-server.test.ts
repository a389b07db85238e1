import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CtlOrder, CtlStatus } from './ctl-orders.js';
import { CTL_FILE, type CtlAddress, type CtlServer, startCtlServer } from './ctl-server.js';

const STATUS: CtlStatus = {
  ...{ profile: 'smoke', state: 'running', phase: 'hold', atMs: 1, totalMs: 2 },
  ...{ wanted: 3, joined: 3, watching: 3, maxVus: 3 },
};

let folder = '';
let server: CtlServer;
let address: CtlAddress;
let orders: CtlOrder[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dorami-load-ctl-'));
  orders = [];
  server = await startCtlServer(folder, (order) => {
    orders.push(order);
    return order.kind === 'resume' ? { refused: 'not paused' } : { status: STATUS };
  });
  address = JSON.parse(readFileSync(join(folder, CTL_FILE), 'utf8')) as CtlAddress;
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function ask(path: string, method = 'POST', token = address.token): Promise<Response> {
  return fetch(`http://127.0.0.1:${address.port}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
  });
}

it('hands orders on and answers with how the run stands', async () => {
  const answer = await ask('/scale?vus=12');
  expect([answer.status, await answer.json()]).toEqual([200, STATUS]);
  expect((await ask('/status', 'GET')).status).toBe(200);
  expect(orders).toEqual([{ kind: 'scale', vus: 12 }, { kind: 'status' }]);
});

it('says why an order is refused', async () => {
  const answer = await ask('/resume');
  expect([answer.status, await answer.json()]).toEqual([409, { message: 'not paused' }]);
});

it.each([
  { what: 'another token', path: '/stop', method: 'POST', token: '00', status: 401 },
  { what: 'an unknown word', path: '/explode', method: 'POST', status: 400 },
  { what: 'a number that is none', path: '/scale?vus=many', method: 'POST', status: 400 },
  { what: 'what a page may be made to ask', path: '/stop', method: 'GET', status: 405 },
])('refuses $what', async ({ path, method, token, status }: Refused) => {
  expect((await ask(path, method, token)).status).toBe(status);
  expect(orders).toEqual([]);
});

it('tells nobody else where it listens', () => {
  expect(statSync(join(folder, CTL_FILE)).mode & 0o777).toBe(0o600);
});

it('takes no harm from garbage', async () => {
  for (const bytes of [
    '\r\n\r\n\u0000\u0001 nonsense\r\n\r\n',
    'A'.repeat(100_000),
    'POST /stop HTTP/1.1\r\n\r\n',
  ]) {
    await new Promise<void>((resolve) => {
      const socket = connect(address.port, '127.0.0.1', () => socket.end(bytes));
      socket.on('error', () => {});
      socket.on('close', () => resolve());
      socket.resume();
    });
  }
  expect(orders).toEqual([]);
  expect((await ask('/status', 'GET')).status).toBe(200);
});

it('is gone without a trace when the run is over', async () => {
  await server.close();
  await expect(ask('/status', 'GET')).rejects.toThrow();
  expect(() => readFileSync(join(folder, CTL_FILE))).toThrow(/ENOENT/);
});

interface Refused {
  readonly path: string;
  readonly method: string;
  readonly token?: string;
  readonly status: number;
}
