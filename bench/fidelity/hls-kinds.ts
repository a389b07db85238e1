import { draws, type Kind, randomPauses } from './condition-draws.js';

/** 2^33 ticks of 90 kHz: where the clock of MPEG-TS begins again. */
const TS_CLOCK_WRAP_MS = 2 ** 33 / 90;

/** What a viewer of HLS meets. */
export const HLS_KINDS: readonly Kind[] = [
  {
    id: 'ample-hls',
    protocol: 'hls',
    draw: (rng) => draws(rng, 'hls', 20_000).made('an ample link'),
  },
  {
    id: 'link-1.05-hls',
    protocol: 'hls',
    draw(rng) {
      const d = draws(rng, 'hls', 28_000);
      return d.made('a link of 1.05 times the bitrate', { path: { link: [d.narrow(0, 60_000, 1.05)] } });
    },
  },
  {
    id: 'jitter-hls',
    protocol: 'hls',
    draw(rng) {
      const d = draws(rng, 'hls', 26_000);
      const jitterMs = d.between(500, 1000);
      return d.made(`each answer is late by a random part of ${jitterMs} ms`, { path: { jitterMs } });
    },
  },
  {
    id: 'pause-2s-hls',
    protocol: 'hls',
    draw(rng) {
      const d = draws(rng, 'hls', 24_000);
      const atMs = d.between(7000, 10_000);
      const forMs = d.between(1900, 2300);
      return d.made(`nothing passes for ${forMs} ms from ${atMs} ms on, then all at once`, {
        path: { link: [d.blocked(atMs, forMs)] },
      });
    },
  },
  {
    id: 'random-pauses-hls',
    protocol: 'hls',
    draw(rng) {
      const d = draws(rng, 'hls', 34_000);
      const link = randomPauses(d, 5000, 28_000, [300, 4500]);
      return d.made(`${link.length} pauses of the link, drawn at random, between 5 and 28 s`, {
        path: { link },
      });
    },
  },
  {
    id: 'trickle-hls',
    protocol: 'hls',
    draw(rng) {
      const d = draws(rng, 'hls', 28_000);
      const atMs = d.between(6000, 8000);
      const percent = d.between(62, 80);
      return d.made(`for 9 s from ${atMs} ms on the link passes ${percent} % of the bitrate`, {
        path: { link: [d.narrow(atMs, 9000, percent / 100)] },
      });
    },
  },
  {
    id: 'frozen-list-3s-hls',
    protocol: 'hls',
    draw(rng) {
      const d = draws(rng, 'hls', 24_000);
      const atMs = d.between(7000, 9000);
      return d.made(`the list stands still for 3 s from ${atMs} ms on`, {
        server: { frozenList: { atMs, forMs: 3000 } },
      });
    },
  },
  {
    id: 'frozen-list-8s-hls',
    protocol: 'hls',
    draw(rng) {
      const d = draws(rng, 'hls', 32_000);
      const atMs = d.between(7000, 9000);
      return d.made(`the list stands still for 8 s from ${atMs} ms on`, {
        server: { frozenList: { atMs, forMs: 8000 } },
      });
    },
  },
  {
    id: 'missing-1-hls',
    protocol: 'hls',
    draw(rng) {
      const d = draws(rng, 'hls', 24_000);
      const atMs = d.between(7000, 10_000);
      return d.made(`the first segment made after ${atMs} ms is not found`, {
        server: { missing: { atMs, count: 1 } },
      });
    },
  },
  {
    id: 'missing-3-hls',
    protocol: 'hls',
    draw(rng) {
      const d = draws(rng, 'hls', 26_000);
      const atMs = d.between(7000, 10_000);
      return d.made(`the first three segments made after ${atMs} ms are not found`, {
        server: { missing: { atMs, count: 3 } },
      });
    },
  },
  {
    id: 'cut-segment-hls',
    protocol: 'hls',
    draw(rng) {
      const d = draws(rng, 'hls', 24_000);
      const atMs = d.between(7000, 10_000);
      return d.made(`the first segment made after ${atMs} ms ends half way, once`, {
        server: { cutSegment: { atMs } },
      });
    },
  },
  {
    id: 'list-502-hls',
    protocol: 'hls',
    draw(rng) {
      const d = draws(rng, 'hls', 22_000);
      const atMs = d.between(7000, 10_000);
      return d.made(`the first list asked for after ${atMs} ms is answered with 502`, {
        server: { failList: { atMs, status: 502 } },
      });
    },
  },
  {
    id: 'context-lost-hls',
    protocol: 'hls',
    draw(rng) {
      const d = draws(rng, 'hls', 24_000);
      const atMs = d.between(7000, 10_000);
      return d.made(`after ${atMs} ms the session's context is forgotten: a master where the list was`, {
        server: { contextLost: { atMs } },
      });
    },
  },
  {
    id: 'restart-to-zero-hls',
    protocol: 'hls',
    draw(rng) {
      const d = draws(rng, 'hls', 36_000);
      const atMs = d.between(7000, 9000);
      const forMs = d.between(5000, 9000);
      return d.made(
        `the publisher is gone for ${forMs} ms from ${atMs} ms on; numbers and times begin at 0`,
        {
          media: { events: [{ kind: 'unpublish', atMs, forMs }] },
        },
      );
    },
  },
  {
    id: 'discontinuity-hls',
    protocol: 'hls',
    draw(rng) {
      const d = draws(rng, 'hls', 26_000);
      const atMs = d.between(7000, 9000);
      const forMs = d.between(800, 3000);
      return d.made(
        `the publisher is gone for ${forMs} ms from ${atMs} ms on; numbers go on after a discontinuity`,
        {
          media: { events: [{ kind: 'unpublish', atMs, forMs }] },
        },
      );
    },
  },
  {
    id: 'wrap-33bit-hls',
    protocol: 'hls',
    draw(rng) {
      const d = draws(rng, 'hls', 22_000);
      const atMs = d.between(6000, 9000);
      return d.made(`the 33-bit clock of the segments wraps in the picture of ${atMs} ms`, {
        media: { firstTimeMs: Math.round(TS_CLOCK_WRAP_MS) - d.prerollMs - atMs },
      });
    },
  },
];
