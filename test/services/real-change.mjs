/**
 * Makes one fault of this machine and undoes it, in the namespace that it is started in: `node real-change.mjs ACTION
 * ADDRESS...`. Prints, as JSON, what was seen of it before, during and after, and how fast each receiver
 * (`receiver.mjs`) got what was sent to it meanwhile, as it says itself.
 */
import { createConnection } from 'node:net';
import { makeChange, seeChange, undoChange } from '../../dist/faults/carry-out.js';
import { prepareChange } from '../../dist/faults/prepare.js';

const [action, ...addresses] = process.argv.slice(2);
const PORT = 7000;
const BYTES = 4_000_000;

const change = await prepareChange(JSON.parse(action), { targetHosts: addresses.slice(0, 1) });
const seen = [await seeChange(change)];
await makeChange(change);
seen.push(await seeChange(change));
const bitsPerS = [];
for (const address of addresses) bitsPerS.push(await sendTo(address));
const undone = [await undoChange(change), await undoChange(change)].map(({ state }) => state);
seen.push(await seeChange(change));
console.log(JSON.stringify({ change, seen, undone, bitsPerS }));

function sendTo(host) {
  return new Promise((resolve) => {
    let answer = '';
    const socket = createConnection({ host, port: PORT, timeout: 15_000 }, () =>
      socket.end(Buffer.alloc(BYTES)),
    );
    const fail = (why) => {
      socket.destroy();
      resolve(why);
    };
    socket.on('data', (text) => {
      answer += text;
    });
    socket.once('end', () => resolve(Number(answer)));
    socket.once('timeout', () => fail('silent'));
    socket.once('error', ({ code }) => fail(code));
  });
}
