import { expect, test } from 'vitest';
import { needs } from './available.js';
import { onAir } from './on-air.js';
import { median, type SeenPicture, watchFlv } from './publish.js';

const latencies = (pictures: readonly SeenPicture[]): number[] =>
  pictures.map(({ atEpochMs, captureEpochUs }) => atEpochMs - captureEpochUs / 1000);

test('the delay of the encoder is in the stamps: the default preset is later than zerolatency by it', async (context) => {
  needs(context, 'node-media-server', 'ffmpeg');
  const delays: number[] = [];
  for (const tune of [[], ['--tune', 'zerolatency']]) {
    const { url, publish } = await onAir(...tune);
    const { pictures } = await watchFlv(url, (seen) => seen.length >= 150);
    const seenMs = median(latencies(pictures.slice(60)));
    publish.say('status');
    const [, saidS] = await publish.saysLine(/encoder delay (\d+\.\d+) s/);
    // What it says of itself and what a viewer on the same machine finds differ by the way there.
    expect(seenMs).toBeGreaterThan(Number(saidS) * 1000 - 60);
    expect(seenMs).toBeLessThan(Number(saidS) * 1000 + 250);
    delays.push(seenMs);
  }
  const [usual = 0, zero = 0] = delays;
  // x264 veryfast at 30 fps looks 10 frames ahead, reorders 3 and has a frame for each of its threads in work.
  expect(usual - zero).toBeGreaterThan(350);
  expect(usual - zero).toBeLessThan(1200);
  expect(zero).toBeLessThan(250);
});
