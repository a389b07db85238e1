import { draws, type Kind } from './condition-draws.js';

/** The kinds of trouble. Each draws its own instants and lengths within its band. */
export const CONDITION_KINDS: readonly Kind[] = [
  {
    id: 'ample-hls',
    protocol: 'hls',
    draw: (rng) => draws(rng, 'hls', 20_000).made('an ample link'),
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
    id: 'ample-flv',
    protocol: 'flv',
    draw: (rng) => draws(rng, 'flv', 20_000).made('an ample link'),
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
];
