import { expect, test } from 'vitest';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import type { Http, TextFailure, TextResponse } from '../seams.js';
import { clockAnswer } from './clock-answer.js';
import { ClockFollower, type ClockNews } from './clock-follower.js';

/** A publisher on virtual time: `aheadMs` ahead, `wayMs` away in each direction; silent while `dead`. */
class Publisher implements Http {
  aheadMs = 0;
  wayMs = 5;
  dead = false;
  asked = 0;
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  async text(): Promise<TextResponse | TextFailure> {
    const clock = this.#clock;
    const startedAtMs = clock.nowMs();
    this.asked += 1;
    await new Promise<void>((resolve) => void clock.after(this.wayMs, resolve));
    if (this.dead) return { kind: 'failure', startedAtMs, end: { kind: 'timeout', atMs: clock.nowMs() } };
    const body = JSON.stringify(clockAnswer(clock.epochMs() + this.aheadMs));
    await new Promise<void>((resolve) => void clock.after(this.wayMs, resolve));
    const atMs = clock.nowMs();
    const answer = { status: 200, headers: {}, body, url: 'http://publisher/clock', bodyBytes: body.length };
    return { kind: 'response', ...answer, startedAtMs, firstByteAtMs: atMs, endedAtMs: atMs };
  }

  stream(): never {
    throw new Error('a clock is no stream');
  }

  close(): void {}
}

function world() {
  const clock = new VirtualClock();
  const publisher = new Publisher(clock);
  const follower = new ClockFollower({ clock, http: publisher, url: 'http://publisher' });
  const news: ClockNews[] = [];
  follower.follow((one) => news.push(one));
  return { clock, publisher, follower, news };
}

test('the clock is compared again every ten seconds, and its drift followed', async () => {
  const { clock, publisher, news } = world();
  for (let i = 0; i < 6; i++) {
    publisher.aheadMs += 3;
    await clock.run(10_500);
  }
  const offsets = news.map((one) => (one.kind === 'reading' ? one.reading.offsetMs : one.reason));
  expect(offsets.length).toBeGreaterThanOrEqual(5);
  expect(news.every((one) => one.kind === 'reading' && one.steppedMs === 0)).toBe(true);
  expect(offsets.at(-1)).toBeCloseTo(publisher.aheadMs, -1);
});

test('a publisher that falls silent is a gap, and its clock is read again when it is back', async () => {
  const { clock, publisher, news } = world();
  await clock.run(12_000);
  publisher.dead = true;
  await clock.run(24_000);
  publisher.dead = false;
  await clock.run(12_000);
  const kinds = news.map(({ kind }) => kind);
  expect(kinds).toEqual(['reading', 'gap', 'gap', 'reading']);
  expect(news[1]).toEqual({ kind: 'gap', reason: 'the request failed (timeout)' });
});

test('after closing nobody is asked any more and nothing is reported', async () => {
  const { clock, publisher, follower, news } = world();
  await clock.run(10_020);
  follower.close();
  const { asked } = publisher;
  await clock.run(60_000);
  expect(publisher.asked).toBeLessThanOrEqual(asked + 1);
  expect(news).toEqual([]);
});
