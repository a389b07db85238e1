import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { liveFrames, playFlv, type RigFrame } from '../../test/support/flv-rig.js';
import { Playout } from './playout.js';
import { CHROMIUM_RENDERER } from './profiles.js';

/** Media that arrives as it is made, `leadMs` of it at once at the join. */
const live = (leadMs: number) => (mediaMs: number) => Math.max(0, mediaMs - leadMs);
const total = (spans: readonly { from: number; to: number }[]) =>
  spans.reduce((sum, span) => sum + span.to - span.from, 0);

describe('a start', () => {
  it('on a keyframe with a GOP cached paints and plays within 50 ms and moves at once', () => {
    const still: boolean[] = [];
    const { log } = playFlv(liveFrames(0, 5000, live(500)), 4000, {
      inspect: (playout, _capture, nowMs) => {
        playout.sample(nowMs);
        still.push(playout.frozen || playout.rebuffering);
      },
    });
    expect(new Set(still)).toEqual(new Set([false]));
    expect(log.painted[0]).toBeLessThanOrEqual(30);
    expect(log.playing).toEqual([24]);
    expect(log.moving[0]).toBeLessThanOrEqual(70);
    expect(log.rebuffers).toEqual([]);
    expect(log.frozen).toEqual([]);
  });

  it('at the live edge waits for four pictures and 0.22 s of audio', () => {
    const { log } = playFlv(liveFrames(0, 5000, live(0)), 4000);
    expect(log.playing[0]).toBeGreaterThan(220);
    expect(log.playing[0]).toBeLessThan(320);
  });

  it('mid-GOP with the keyframe 0.5 s away plays at once, and the picture moves when the keyframe is due', () => {
    // Media from 0.5 s on is cached, the next keyframe is at 1.0 s.
    const frames = liveFrames(500, 6000, (m) => Math.max(0, m - 1150));
    const { log } = playFlv(frames, 5000);
    expect(log.playing).toEqual([24]);
    expect(log.moving[0]).toBeGreaterThan(480);
    expect(log.moving[0]).toBeLessThan(620);
    // Part of the start, as the wait for the first frame is: no frozen picture.
    expect(log.frozen).toEqual([]);
  });

  it('whose video ends after its first pictures is a frozen picture from then on', () => {
    const frames = liveFrames(0, 9000, (m, track) =>
      track === 'video' && m > 4 * 34 ? undefined : Math.max(0, m - 800),
    );
    const shares: number[] = [];
    const frozen: boolean[] = [];
    const { log } = playFlv(frames, 2500, {
      inspect: (playout, _capture, nowMs) => {
        shares.push(playout.sample(nowMs).frozenMs);
        frozen.push(playout.frozen);
      },
    });
    expect(frozen.at(-1)).toBe(true);
    expect(log.playing).toHaveLength(1);
    expect(shares.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(2000);
  });

  it('with more than a second of audio before the first picture begins at the picture, without a freeze', () => {
    const noVideoBefore = liveFrames(0, 6000, (m, track) =>
      track === 'video' && m < 1990 ? undefined : Math.max(0, m - 500),
    );
    const { log } = playFlv(noVideoBefore, 5000);
    expect(log.frozen).toEqual([]);
    expect(log.playing[0]).toBeGreaterThan(1500);
  });

  it('is none when audio is promised and never comes, although a picture is painted', () => {
    const { log, playout } = playFlv(
      liveFrames(0, 6000, (m, track) => (track === 'audio' ? undefined : m)),
      5000,
    );
    expect(log.painted).toHaveLength(1);
    expect(log.playing).toEqual([]);
    expect(playout.hasPlayed).toBe(false);
  });

  it('of an audio-only stream plays and paints nothing', () => {
    const { log } = playFlv(
      liveFrames(0, 6000, (m, track) => (track === 'video' ? undefined : m)),
      5000,
      { tracks: { audio: true, video: false } },
    );
    expect(log.painted).toEqual([]);
    expect(log.playing).toHaveLength(1);
    expect(log.frozen).toEqual([]);
  });
});

/** Held from `atMs` for `forMs`, then everything at once. */
const held = (leadMs: number, atMs: number, forMs: number) => (mediaMs: number) => {
  const arriveMs = Math.max(0, mediaMs - leadMs);
  return arriveMs >= atMs && arriveMs < atMs + forMs ? atMs + forMs : arriveMs;
};

describe('media held for 2 s and then delivered in a burst', () => {
  it('is one rebuffer of 2 s less what was buffered beyond the guard', () => {
    const { log } = playFlv(liveFrames(0, 12_000, held(500, 3000, 2000)), 10_000);
    expect(log.rebuffers).toHaveLength(1);
    // 0.5 s minus start delay and lag, the held-back frame and the 50 ms guard is ahead.
    expect(log.rebuffers[0]?.from).toBeGreaterThan(3400);
    expect(log.rebuffers[0]?.from).toBeLessThan(3560);
    expect(log.rebuffers[0]?.to).toBe(5005);
  });

  it('is nothing for a viewer who holds 3 s', () => {
    const { log } = playFlv(liveFrames(0, 12_000, held(3000, 3000, 2000)), 8000);
    expect(log.rebuffers).toEqual([]);
    expect(log.frozen).toEqual([]);
  });
});

/** Everything from `atMs` on arrives `forMs` later. */
const late = (leadMs: number, atMs: number, forMs: number) => (mediaMs: number) => {
  const arriveMs = Math.max(0, mediaMs - leadMs);
  return arriveMs >= atMs ? arriveMs + forMs : arriveMs;
};

describe('a publisher that falls silent and goes on late', () => {
  it('resumes only with 0.4 s of audio ahead after the first underrun', () => {
    const { log } = playFlv(liveFrames(0, 12_000, late(300, 3000, 2000)), 10_000);
    expect(log.rebuffers).toHaveLength(1);
    const [stall] = log.rebuffers;
    // Media goes on at 5.0 s in real time: 0.4 s of audio beyond the stall position is there 0.4 s later.
    expect(stall?.to).toBeGreaterThan(5380);
    expect(stall?.to).toBeLessThan(5480);
  });

  it('needs 0.4, 0.8, 1.6, 3.0, 3.0 s ahead after one underrun after another', () => {
    // Six silences of 5 s, each long enough to run dry; arrivals in real time in between.
    const arrive = (mediaMs: number) => {
      const before = Math.max(0, mediaMs - 300);
      return before + Math.floor(before / 10_000) * 5000;
    };
    const { log } = playFlv(liveFrames(0, 70_000, arrive), 90_000);
    const ahead = log.rebuffers.map((stall) => stall.to - Math.floor(stall.to / 15_000) * 15_000);
    const wanted = [400, 800, 1600, 3000, 3000];
    expect(ahead.length).toBeGreaterThanOrEqual(5);
    for (const [i, ms] of wanted.entries()) expect(Math.abs((ahead[i] as number) - ms)).toBeLessThan(110);
  });
});

describe('timestamps', () => {
  it('that jump ahead by 2 s with no time passing freeze the picture for 2 s without a wait', () => {
    const frames = liveFrames(0, 14_000, (m) => {
      if (m >= 3000 && m < 5000) return undefined;
      return Math.max(0, (m >= 5000 ? m - 2000 : m) - 500);
    });
    const { log } = playFlv(frames, 9000);
    expect(log.rebuffers).toEqual([]);
    expect(log.frozen).toHaveLength(1);
    expect(Math.abs(total(log.frozen) - 2000)).toBeLessThan(100);
  });

  it('that jump by 2 s after 2 s of lost media give a wait, a freeze, and late pictures for good', () => {
    const frames = liveFrames(0, 14_000, (m) => (m >= 3500 && m < 5500 ? undefined : Math.max(0, m - 500)));
    const { log, playout } = playFlv(frames, 9000);
    expect(log.rebuffers).toHaveLength(1);
    const stallMs = total(log.rebuffers);
    expect(stallMs).toBeGreaterThan(1400);
    expect(stallMs).toBeLessThan(1700);
    expect(Math.abs(total(log.frozen) - 2000)).toBeLessThan(120);
    expect(playout.state).toBe('stopped');
  });

  it('that go back to 0 drop the audio until it has caught up, and the picture is dead', () => {
    const frames: RigFrame[] = liveFrames(0, 3000, live(300));
    for (const frame of liveFrames(0, 12_000, (m) => 2700 + Math.max(0, m - 300))) frames.push(frame);
    const { log } = playFlv(frames, 12_000);
    expect(log.rebuffers.length).toBeGreaterThanOrEqual(1);
    expect(log.rebuffers[0]?.to).toBeGreaterThan(5000);
    expect(log.frozen.length).toBeGreaterThanOrEqual(1);
  });
});

describe('one track missing', () => {
  it('audio for 4 s is a wait that begins at once', () => {
    const frames = liveFrames(0, 20_000, (m, track) =>
      track === 'audio' && m >= 4000 && m < 8000 ? undefined : Math.max(0, m - 300),
    );
    const { log } = playFlv(frames, 15_000);
    expect(log.rebuffers).toHaveLength(1);
    expect(log.rebuffers[0]?.from).toBeGreaterThan(3800);
    expect(log.rebuffers[0]?.from).toBeLessThan(4100);
    expect(log.rebuffers[0]?.to).toBeGreaterThan(7600);
  });

  it('video for 6 s freezes at once, waits after 3 s more, and moves only when its pictures are due', () => {
    const frames = liveFrames(0, 20_000, (m, track) =>
      track === 'video' && m >= 6000 && m < 11_990 ? undefined : Math.max(0, m - 300),
    );
    const { log } = playFlv(frames, 18_000);
    expect(log.rebuffers).toHaveLength(1);
    const [stall] = log.rebuffers;
    const [before, after] = log.frozen;
    expect(Math.abs((before?.from as number) - 6000)).toBeLessThan(120);
    expect((stall?.from as number) - (before?.from as number)).toBeGreaterThan(2950);
    expect((stall?.from as number) - (before?.from as number)).toBeLessThan(3050);
    expect(Math.abs((stall?.to as number) - 11_740)).toBeLessThan(120);
    expect((after?.to as number) - (after?.from as number)).toBeGreaterThan(2800);
    expect((after?.to as number) - (after?.from as number)).toBeLessThan(3200);
  });

  it('video for good with audio running: frozen time goes on being counted while nothing ends', () => {
    const frames = liveFrames(0, 20_000, (m, track) =>
      track === 'video' && m >= 4000 ? undefined : Math.max(0, m - 300),
    );
    const { playout } = playFlv(frames, 4000);
    expect(playout.state).toBe('stopped');
    const rig = playFlv(frames, 6000);
    expect(rig.log.frozen).toHaveLength(1);
    expect(Math.abs(total(rig.log.frozen) - 2000)).toBeLessThan(120);
  });
});

describe('the latency of what is on screen', () => {
  it('is the age of the media at the join and grows by a silence that is never caught up', () => {
    const arrive = late(800, 3000, 2000);
    const latencies = new Map<number, number>();
    playFlv(liveFrames(0, 12_000, arrive), 9000, {
      // Captured when it was made: media 800 ms old was waiting at the join, later the publisher paused for 2 s.
      stampOf: (m) => (m - 800 >= 3000 ? m - 800 + 2000 : m - 800),
      inspect: (playout, capture, nowMs) => {
        playout.advance(nowMs);
        const pictureMs = playout.pictureMs(nowMs);
        const capturedMs = pictureMs === undefined ? undefined : capture.at(pictureMs);
        if (capturedMs !== undefined) latencies.set(nowMs, nowMs - capturedMs);
      },
    });
    // Start delay and lag (64 ms) are on top of the 800 ms.
    expect(Math.abs((latencies.get(2000) as number) - 864)).toBeLessThan(40);
    // The stall position was captured before the pause, so its picture is the oldest of all while it stands.
    expect(latencies.get(5000)).toBeGreaterThan(1200);
    // After the resume it needs 0.4 s ahead: about 0.4 s behind the live edge plus delays.
    expect(Math.abs((latencies.get(9000) as number) - 480)).toBeLessThan(80);
  });

  it('is that of the first new picture as soon as the clock goes on after a wait without pictures', () => {
    const frames = liveFrames(0, 20_000, (m, track) =>
      track === 'video' && m >= 6000 && m < 11_990 ? undefined : Math.max(0, m - 300),
    );
    const latencies = new Map<number, number>();
    const { log } = playFlv(frames, 18_000, {
      stampOf: (m) => m - 300,
      inspect: (playout, capture, nowMs) => {
        playout.advance(nowMs);
        const pictureMs = playout.pictureMs(nowMs);
        const capturedMs = pictureMs === undefined ? undefined : capture.at(pictureMs);
        if (capturedMs !== undefined) latencies.set(nowMs, nowMs - capturedMs);
      },
    });
    // Frozen, the clock runs: the last old picture ages.
    expect(Math.abs((latencies.get(8000) as number) - 2300)).toBeLessThan(100);
    // The clock goes on at 11.74 s with the picture of 11.69 s, which stands until its time has come.
    const [stall] = log.rebuffers;
    expect(stall?.to).toBeGreaterThan(11_600);
    expect(Math.abs((latencies.get(12_000) as number) - (12_000 - 11_700))).toBeLessThan(60);
    expect(Math.abs((latencies.get(14_000) as number) - (14_000 - 11_700))).toBeLessThan(60);
    // From then on it is as old as the wait made it.
    expect(latencies.get(16_000)).toBe(latencies.get(18_000));
    expect(Math.abs((latencies.get(16_000) as number) - 3030)).toBeLessThan(100);
  });
});

describe('a seek back', () => {
  const rig = () => {
    const playout = new Playout(CHROMIUM_RENDERER, {
      painted: () => undefined,
      playing: () => undefined,
      moving: () => undefined,
      rebufferStarted: () => undefined,
      rebufferEnded: () => undefined,
      microWait: () => undefined,
      frozen: () => undefined,
      ended: () => undefined,
      seeked: () => undefined,
    });
    playout.load(0, { kind: 'position', mediaMs: 0 }, { paintMs: 0, playMs: 0 });
    playout.setTracks(true, true);
    playout.appendAudio(0, 8000);
    playout.appendVideo(0, 8000, 8000, 240);
    playout.settle(0);
    expect(playout.sample(5040).replayedMs).toBe(0);
    return playout;
  };

  it('shows old pictures again for as long as it went back', () => {
    const playout = rig();
    playout.seek(5040, 3000, 'window');
    expect(playout.sample(9000).replayedMs).toBeCloseTo(2000, 0);
  });

  it('into media that was filled anew since shows nothing twice', () => {
    const playout = rig();
    playout.appendVideo(3500, 7000, 7000, 100);
    playout.seek(5040, 3000, 'window');
    expect(playout.sample(9000).replayedMs).toBeCloseTo(500, 0);
  });
});

describe('properties', () => {
  const silences = fc.array(
    fc.record({ at: fc.integer({ min: 500, max: 15_000 }), span: fc.integer({ min: 0, max: 4000 }) }),
    { maxLength: 4 },
  );

  it('waits never overlap, and played plus stalled time is the time since playing began', () => {
    fc.assert(
      fc.property(silences, fc.integer({ min: 100, max: 2000 }), (gaps, leadMs) => {
        const arrive = (mediaMs: number) => {
          let arriveMs = Math.max(0, mediaMs - leadMs);
          for (const gap of gaps) if (arriveMs >= gap.at) arriveMs = Math.max(arriveMs, gap.at + gap.span);
          return arriveMs;
        };
        let sharedMs = 0;
        let stalledMs = 0;
        const { log } = playFlv(liveFrames(0, 20_000, arrive), 18_000, {
          inspect: (playout, _capture, nowMs) => {
            const shares = playout.sample(nowMs);
            sharedMs += shares.played + shares.stalled + shares.microWait;
            stalledMs += shares.stalled;
          },
        });
        let end = 0;
        for (const span of log.rebuffers) {
          expect(span.from).toBeGreaterThanOrEqual(end);
          end = span.to;
        }
        const began = log.playing[0];
        if (began === undefined) expect(sharedMs).toBe(0);
        else {
          // A wait that has not lasted 100 ms yet is in no share.
          expect(Math.abs(sharedMs - (18_000 - began))).toBeLessThan(100.001);
          expect(Math.abs(stalledMs - total(log.rebuffers))).toBeLessThan(100 + log.rebuffers.length);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('adding a constant to every timestamp changes nothing that was seen', () => {
    const arrive = held(500, 3000, 2000);
    const plain = liveFrames(0, 9000, arrive);
    const shifted = plain.map((frame) => ({ ...frame, mediaMs: frame.mediaMs + 123_456 }));
    expect(playFlv(shifted, 8000).log).toEqual(playFlv(plain, 8000).log);
  });
});
