import { readFile } from 'node:fs/promises';
import { FlvReader } from '../players/flv-reader.js';

/** How long the loop runs, ms: long enough to be compiled; longer where others take the CPU from it. */
const LOOP_MS = 150;
const MIN_ROUNDS = 60;
const MAX_LOOP_MS = 600;
/** Beyond these it was not the machine that was measured. */
const SLOWEST = 0.25;
const FASTEST = 4;
/** As many passes are timed together: one alone is shorter than the clock's noise. */
const PASSES = 20;
/** What the fastest such round took on the machine of bench/README.md, ms. */
const REFERENCE_ROUND_MS = 1.15;
/** What a socket hands over at a time. */
const CHUNK_BYTES = 16_384;

/**
 * How fast this machine is beside the one whose figures stand in bench/README.md: 2 = twice as fast. Reads the
 * bundled clip as a player does, again and again; the fastest round counts, so that what else runs here does not.
 */
export async function machineSpeed(nowMs: () => number = () => performance.now()): Promise<number> {
  const clip = await readFile(new URL('../../assets/clip-gop1.flv', import.meta.url));
  const beganAtMs = nowMs();
  let bestMs = Number.POSITIVE_INFINITY;
  for (let rounds = 0, tookMs = 0; tookMs < (rounds < MIN_ROUNDS ? MAX_LOOP_MS : LOOP_MS); rounds++) {
    const startedAtMs = nowMs();
    for (let pass = 0; pass < PASSES; pass++) readOnce(clip);
    bestMs = Math.min(bestMs, nowMs() - startedAtMs);
    tookMs = nowMs() - beganAtMs;
  }
  return Math.min(FASTEST, Math.max(SLOWEST, REFERENCE_ROUND_MS / bestMs));
}

function readOnce(clip: Uint8Array): void {
  const reader = new FlvReader({ onHeader: () => {}, onTag: () => {}, onError: () => {} });
  for (let at = 0; at < clip.length; at += CHUNK_BYTES) reader.push(clip.subarray(at, at + CHUNK_BYTES));
  reader.end();
}
