import { draws, type Kind } from './condition-draws.js';

/** Where the 31 bits that SRS leaves of an FLV tag's time begin again. */
const FLV_TIME_WRAP_MS = 2 ** 31;

/** What a viewer of HTTP-FLV meets. */
export const FLV_KINDS: readonly Kind[] = [
  {
    id: 'ample-flv',
    protocol: 'flv',
    draw: (rng) => draws(rng, 'flv', 20_000).made('an ample link'),
  },
  {
    id: 'batches-350ms-flv',
    protocol: 'flv',
    draw: (rng) =>
      draws(rng, 'flv', 20_000).made('tags leave in batches of 350 ms', { server: { flvBatchMs: 350 } }),
  },
  {
    id: 'link-1.3-flv',
    protocol: 'flv',
    draw(rng) {
      const d = draws(rng, 'flv', 22_000);
      return d.made('a link of 1.3 times the bitrate', { path: { link: [d.narrow(0, 60_000, 1.3)] } });
    },
  },
  {
    id: 'link-0.9-flv',
    protocol: 'flv',
    draw(rng) {
      const d = draws(rng, 'flv', 32_000);
      const atMs = d.between(2000, 5000);
      return d.made(`a link of 0.9 times the bitrate for 20 s from ${atMs} ms on; SRS drops what waits 1 s`, {
        path: { link: [d.narrow(atMs, 20_000, 0.9)], sendBufferBytes: 32_768 },
      });
    },
  },
  {
    id: 'pause-1s-late-flv',
    protocol: 'flv',
    draw(rng) {
      const d = draws(rng, 'flv', 22_000);
      const atMs = d.between(6000, 9000);
      const forMs = d.between(900, 1300);
      return d.made(`the publisher stands still for ${forMs} ms from ${atMs} ms on, and is late for good`, {
        media: { events: [{ kind: 'standstill', atMs, forMs }] },
      });
    },
  },
  {
    id: 'pause-3s-flv',
    protocol: 'flv',
    draw(rng) {
      const d = draws(rng, 'flv', 24_000);
      const atMs = d.between(7000, 9000);
      return d.made(`nothing passes for 3 s from ${atMs} ms on, then all at once`, {
        path: { link: [d.blocked(atMs, 3000)] },
      });
    },
  },
  {
    id: 'pause-6s-flv',
    protocol: 'flv',
    draw(rng) {
      const d = draws(rng, 'flv', 28_000);
      const atMs = d.between(7000, 9000);
      return d.made(`nothing passes for 6 s from ${atMs} ms on, then all at once`, {
        path: { link: [d.blocked(atMs, 6000)] },
      });
    },
  },
  {
    id: 'five-pauses-flv',
    protocol: 'flv',
    draw(rng) {
      const d = draws(rng, 'flv', 30_000);
      const link = [];
      for (let atMs = d.between(5000, 6000); link.length < 5; atMs += d.between(3000, 4000)) {
        link.push(d.blocked(atMs, d.between(300, 1000)));
      }
      const lengths = link.map((pause) => pause.forMs).join(', ');
      return d.made(`five pauses of the link, of ${lengths} ms`, { path: { link } });
    },
  },
  {
    id: 'slow-first-byte-flv',
    protocol: 'flv',
    draw(rng) {
      const d = draws(rng, 'flv', 20_000);
      const flvHeadDelayMs = d.between(1200, 3500);
      return d.made(`the answer begins ${flvHeadDelayMs} ms after the request`, {
        server: { flvHeadDelayMs },
      });
    },
  },
  {
    id: 'jump-5s-flv',
    protocol: 'flv',
    draw(rng) {
      const d = draws(rng, 'flv', 26_000);
      const atMs = d.between(6000, 9000);
      return d.made(`times leap by 5 s at ${atMs} ms, passed on as they are`, {
        media: { events: [{ kind: 'jump', atMs, byMs: 5000 }] },
        server: { flvTimes: 'raw' },
      });
    },
  },
  {
    id: 'back-to-0-flv',
    protocol: 'flv',
    draw(rng) {
      const d = draws(rng, 'flv', 28_000);
      const atMs = d.between(6000, 9000);
      return d.made(`times begin at 0 again at ${atMs} ms, passed on as they are`, {
        media: { events: [{ kind: 'reset', atMs }] },
        server: { flvTimes: 'raw' },
      });
    },
  },
  {
    id: 'wrap-31bit-flv',
    protocol: 'flv',
    draw(rng) {
      const d = draws(rng, 'flv', 28_000);
      const atMs = d.between(6000, 9000);
      return d.made(`the tags' 31 bits of time wrap at ${atMs} ms`, {
        media: { firstTimeMs: FLV_TIME_WRAP_MS - d.prerollMs - atMs },
        server: { flvTimes: 'raw' },
      });
    },
  },
  {
    id: 'bframes-flv',
    protocol: 'flv',
    draw: (rng) => draws(rng, 'flv', 20_000).made('two B-frames', { media: { clip: 'bframes' } }),
  },
  {
    id: 'mid-gop-flv',
    protocol: 'flv',
    draw(rng) {
      const d = draws(rng, 'flv', 20_000);
      const phaseMs = d.between(450, 800);
      return d.made(`the join is ${phaseMs} ms after a keyframe, when the GOP cache begins without one`, {
        media: { prerollMs: 12_000 + phaseMs },
      });
    },
  },
  {
    id: 'audio-gone-flv',
    protocol: 'flv',
    draw(rng) {
      const d = draws(rng, 'flv', 24_000);
      const atMs = d.between(6000, 9000);
      return d.made(`no audio for 4 s from ${atMs} ms on`, {
        media: { events: [{ kind: 'lose', track: 'audio', atMs, forMs: 4000 }] },
      });
    },
  },
  {
    id: 'video-gone-flv',
    protocol: 'flv',
    draw(rng) {
      const d = draws(rng, 'flv', 26_000);
      const atMs = d.between(6000, 9000);
      return d.made(`no video for 4 s from ${atMs} ms on, and until the next keyframe`, {
        media: { events: [{ kind: 'lose', track: 'video', atMs, forMs: 4000 }] },
      });
    },
  },
  {
    id: 'audio-only-flv',
    protocol: 'flv',
    draw: (rng) =>
      draws(rng, 'flv', 18_000).made('a stream without pictures', { media: { tracks: 'audio' } }),
  },
  {
    id: 'clean-end-flv',
    protocol: 'flv',
    draw(rng) {
      const d = draws(rng, 'flv', 26_000);
      const atMs = d.between(6000, 9000);
      return d.made(`the answer ends as HTTP says at ${atMs} ms; a new one is served`, {
        server: { flvEnd: { atMs, how: 'clean', connections: 'open' } },
      });
    },
  },
  {
    id: 'cut-off-flv',
    protocol: 'flv',
    draw(rng) {
      const d = draws(rng, 'flv', 24_000);
      const atMs = d.between(6000, 9000);
      return d.made(`the answer is cut off without its last chunk at ${atMs} ms`, {
        server: { flvEnd: { atMs, how: 'cut', connections: 'open' } },
      });
    },
  },
  {
    id: 'silence-flv',
    protocol: 'flv',
    draw(rng) {
      const d = draws(rng, 'flv', 26_000);
      const atMs = d.between(6000, 9000);
      return d.made(`the open answer says nothing more from ${atMs} ms on; a new one is served`, {
        server: { flvEnd: { atMs, how: 'silence', connections: 'open' } },
      });
    },
  },
];
