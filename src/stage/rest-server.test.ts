import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { Accounts } from './accounts.js';
import { emptyCounts } from './counts.js';
import { FaultBoard } from './fault-board.js';
import type { RestRoute } from './rest-call.js';
import { RestServer } from './rest-server.js';
import { Throttle } from './throttle.js';

let clock: VirtualClock;
let faults: FaultBoard;
let server: Server;

const route = (pattern: string): RestRoute => ({
  ...{ method: 'GET', pattern, access: 'public', answer: () => ({ status: 200, data: pattern }) },
});

beforeEach(async () => {
  clock = new VirtualClock({ startEpochMs: 0 });
  faults = new FaultBoard(clock);
  const rest = new RestServer({
    ...{ clock, faults, counts: emptyCounts(), routes: [route('/products'), route('/cart')] },
    accounts: new Accounts(clock, 'seed', 'secret', { refusesTokens: () => false }),
    capacity: { refusesCall: () => undefined },
    throttle: new Throttle({ short: 100, medium: 100, long: 100 }),
  });
  server = createServer((request, response) => {
    void rest.answer(request, response, new URL(request.url ?? '/', 'http://stage'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function get(path: string): Promise<number> {
  return (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api${path}`)).status;
}

it.each([
  [{ ms: 400 }, 400],
  [{}, 1000],
])('slow %j: answers come %i ms later, those of other paths at once', async (parameters, delayMs) => {
  const path = '/api/products';
  faults.plant({ kind: 'slow', atSeconds: 0, parameters: { ...parameters, path } });
  let answered = false;
  const slow = get('/products').then((status) => {
    answered = true;
    return status;
  });
  await expect.poll(() => clock.pending).toBe(1);
  clock.advance(delayMs - 1);
  // Two whole exchanges: an answer that had been sent would have come before them.
  expect([await get('/cart'), await get('/cart'), answered]).toEqual([200, 200, false]);
  clock.advance(1);
  expect(await slow).toBe(200);
  faults.lift();
  expect([await get('/products'), clock.pending]).toEqual([200, 0]);
});
