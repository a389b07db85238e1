import { expect, it } from 'vitest';
import { FakeSocket } from '../../test/support/stage-rig.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import { type Delivery, writeAnswer } from './media-answer.js';

const BODY = Buffer.from('0123456789'.repeat(10));

function answered(delivery: Delivery) {
  const clock = new VirtualClock({ startEpochMs: 0 });
  const socket = new FakeSocket();
  writeAnswer(socket.asSocket(), { status: 200, type: 'video/MP2T', body: BODY, delivery }, clock);
  const body = (): string => socket.text().split('\r\n\r\n').slice(1).join('');
  return { clock, socket, body };
}

it('whole: the body follows its head and the connection ends', () => {
  const { socket, body } = answered({ kind: 'whole' });
  expect(socket.text()).toMatch(/^HTTP\/1\.1 200 OK\r\nConnection: Close\r\nContent-Length: 100\r\n/);
  expect([body(), socket.ended]).toEqual([BODY.toString(), true]);
});

it('cut: all is promised, half comes, the connection ends', () => {
  const { socket, body } = answered({ kind: 'cut' });
  expect(socket.text()).toContain('Content-Length: 100\r\n');
  expect([body(), socket.ended]).toEqual([BODY.toString().slice(0, 50), true]);
});

it('slow: equal pieces, the last one when the time is over, and nothing more once the reader has gone', () => {
  const { clock, socket, body } = answered({ kind: 'slow', overMs: 3000 });
  clock.advance(1500);
  expect([body().length, socket.ended]).toEqual([50, false]);
  clock.advance(1499);
  expect([body().length, socket.ended]).toEqual([95, false]);
  clock.advance(1);
  expect([body(), socket.ended]).toEqual([BODY.toString(), true]);

  const gone = answered({ kind: 'slow', overMs: 3000 });
  gone.clock.advance(1500);
  gone.socket.destroyed = true;
  gone.socket.emit('close');
  gone.clock.advance(9000);
  expect([gone.body().length, gone.clock.pending]).toEqual([50, 0]);
});

it('never: not a byte, and the connection stays', () => {
  const { clock, socket } = answered({ kind: 'never' });
  clock.advance(600_000);
  expect([socket.written, socket.ended]).toEqual([[], false]);
});

it('a redirect names where to', () => {
  const socket = new FakeSocket();
  const answer = {
    status: 302,
    type: 'text/plain',
    body: Buffer.alloc(0),
    location: '/live/key.m3u8?moved=1',
  };
  writeAnswer(socket.asSocket(), answer, new VirtualClock({ startEpochMs: 0 }));
  expect(socket.text()).toMatch(
    /^HTTP\/1\.1 302 Found\r\n[\s\S]*\r\nLocation: \/live\/key\.m3u8\?moved=1\r\n/,
  );
});
