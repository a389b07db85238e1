import type { Rng } from './seams.js';

export type { Rng };

/**
 * A seeded uniform generator (splitmix32 steps over a mixed 32-bit state): small, fast, and the same on every
 * machine, so that a run with the same seed plans the same actions.
 *
 * @param seed   the run's seed, any finite number
 * @param stream which independent stream, e.g. the virtual user's index, or a name
 */
export function createRng(seed: number, stream: number | string): Rng {
  let state = mix(hash(String(stream)) ^ mix(seed >>> 0) ^ mix(Math.floor(seed / 2 ** 32) >>> 0));
  return {
    next() {
      state = (state + 0x9e3779b9) >>> 0;
      return mix(state) / 2 ** 32;
    },
  };
}

function mix(value: number): number {
  let z = value >>> 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad) >>> 0;
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97) >>> 0;
  return (z ^ (z >>> 15)) >>> 0;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return h;
}
