import { describe, expect, it } from 'vitest';
import { CAPTURE_STAMP_UUID, readCaptureStamp } from '../../../src/media/capture-stamp.js';
import {
  conditionWith,
  MemorySocket,
  stockOf,
  virtualOriginClock,
} from '../../../test/support/fidelity-origin-rig.js';
import { VirtualClock } from '../../../test/support/virtual-clock.js';
import type { Troubles } from '../condition-draws.js';
import { OriginSession } from './session.js';

const KEY = 'k';

async function sessionWith(troubles: Troubles = {}, startMs = 0) {
  const clock = new VirtualClock({ startMs });
  const stock = await stockOf(conditionWith(troubles));
  const session = new OriginSession(KEY, 'ours', stock, virtualOriginClock(clock));
  return { clock, stock, session };
}

/** Everything after the head of an answer. */
const bodyOf = (socket: MemorySocket): Buffer => {
  const bytes = Buffer.concat(socket.written.map((write) => write.bytes));
  return bytes.subarray(bytes.indexOf('\r\n\r\n') + 4);
};

describe('a session of the origin', () => {
  it('writes the planned bytes at the planned instants after its first request, whenever that was', async () => {
    for (const startMs of [0, 1234.5]) {
      const { clock, stock, session } = await sessionWith({}, startMs);
      clock.advance(777);
      const zeroMs = clock.nowMs();
      const socket = new MemorySocket(clock);
      await session.flv(socket);
      clock.advance(9000);
      const planned = stock.firstFlv.writes.filter((write) => write.atMs <= 9000);
      expect(socket.written.map((write) => write.bytes.length).slice(1)).toEqual(
        planned.slice(1).map((write) => write.to - write.from),
      );
      socket.written.forEach((write, index) => {
        const lateMs = write.atMs - zeroMs - (planned[index]?.atMs ?? 0);
        expect(Math.abs(lateMs)).toBeLessThan(0.5);
      });
      expect(session.report()).toMatchObject({ zeroMonotonicMs: zeroMs });
      expect(session.report().lagMs).toBeLessThan(0.5);
    }
  });

  it('stamps each picture with the wall clock of its capture, in FLV as in TS', async () => {
    const { clock, session } = await sessionWith();
    clock.advance(5000);
    const flv = new MemorySocket(clock);
    await session.flv(flv);
    const master = new MemorySocket(clock);
    session.hls(master, `${KEY}.m3u8`, null);
    const ts = new MemorySocket(clock);
    session.hls(ts, `${KEY}-7.ts`, /hls_ctx=(\w+)/.exec(master.text)?.[1] ?? '');
    clock.advance(3000);
    const { zeroEpochMs = 0, captureMs } = session.report();
    for (const [body, least] of [
      [bodyOf(flv), 90],
      [bodyOf(ts), 30],
    ] as const) {
      let stamps = 0;
      const stamp = { captureEpochUs: 0, frameNumber: 0 };
      let at = body.indexOf(CAPTURE_STAMP_UUID);
      while (at >= 0) {
        expect(readCaptureStamp(body, at, stamp)).toBe(true);
        const takenMs = captureMs(stamp.frameNumber) ?? Number.NaN;
        expect(stamp.captureEpochUs / 1000).toBeCloseTo(zeroEpochMs + takenMs, 2);
        stamps++;
        at = body.indexOf(CAPTURE_STAMP_UUID, at + 1);
      }
      expect(stamps).toBeGreaterThanOrEqual(least);
    }
  });

  it('ends an answer cleanly with the last chunk, or cuts it without', async () => {
    for (const how of ['clean', 'cut'] as const) {
      const flvEnd = { atMs: 2000, how, connections: 'open' } as const;
      const { clock, session } = await sessionWith({ server: { flvEnd } });
      const socket = new MemorySocket(clock);
      await session.flv(socket);
      clock.advance(1999);
      expect(socket.destroyed).toBe(false);
      clock.advance(2);
      expect(socket.destroyed).toBe(true);
      expect(socket.text.endsWith('0\r\n\r\n')).toBe(how === 'clean');
      expect(session.report().requests[0]?.endedMs).toBeCloseTo(2000, 0);
    }
  });

  it('holds an HLS answer while the link is blocked, and lets a list pass one that waits for its first byte', async () => {
    const { clock, session } = await sessionWith({
      path: {
        link: [{ atMs: 1000, forMs: 500, rateOfStream: 0 }],
        slowFirstByte: [{ atMs: 2000, forMs: 100, waitMs: 400 }],
      },
    });
    const ask = (name: string): MemorySocket => {
      const socket = new MemorySocket(clock);
      session.hls(socket, name, null);
      return socket;
    };
    ask(`${KEY}.m3u8`);
    clock.advance(1100);
    const held = ask(`${KEY}.m3u8`);
    clock.advance(399);
    expect(held.written).toEqual([]);
    clock.advance(2);
    expect(held.destroyed).toBe(true);
    clock.advance(549);
    const slow = ask(`${KEY}-8.ts`);
    const quick = ask(`${KEY}.m3u8`);
    clock.advance(1);
    expect([slow.destroyed, quick.destroyed]).toEqual([false, true]);
    clock.advance(400);
    expect(slow.destroyed).toBe(true);
  });

  it('plays a second connection from where the stream is by then', async () => {
    const { clock, session } = await sessionWith();
    await session.flv(new MemorySocket(clock));
    clock.advance(5000);
    const second = new MemorySocket(clock);
    await session.flv(second);
    clock.advance(100);
    expect(second.written[0]?.atMs).toBe(5000);
    expect(session.report().requests.map((note) => note.atMs)).toEqual([0, 5000]);
  });

  it('plays nothing on a socket that closed, and forgets its timers', async () => {
    const { clock, session } = await sessionWith();
    const socket = new MemorySocket(clock);
    await session.flv(socket);
    clock.advance(500);
    const pieces = socket.written.length;
    socket.destroy();
    clock.advance(500);
    expect(socket.written).toHaveLength(pieces);
    expect(clock.pending).toBe(0);
  });

  it('counts the event loop’s lag while the run goes on, neither before nor after', async () => {
    const { clock, session } = await sessionWith();
    session.noteLag(500);
    await session.flv(new MemorySocket(clock));
    session.noteLag(20);
    clock.advance(10_001);
    session.noteLag(900);
    expect(session.report().lagMs).toBe(20);
  });
});
