import { expect, it } from 'vitest';
import { encoderArgs, senderArgs } from './ffmpeg-args.js';

const VIDEO = {
  widthPx: 640,
  heightPx: 360,
  rate: 30,
  gopFrames: 30,
  bitsPerS: 1e6,
  audioBitsPerS: 64e3,
  preset: 'veryfast',
};

function filtersOf(args: readonly string[]): string[] {
  return (args[args.indexOf('-vf') + 1] ?? '').split(',').map((filter) => filter.split('=')[0] ?? '');
}

it('notes a frame behind what makes and paces it, and in front of nothing but the encoder', () => {
  for (const source of [{ kind: 'pattern' }, { kind: 'file', path: 'a.mp4' }] as const) {
    const filters = filtersOf(encoderArgs(source, VIDEO));
    expect(filters.slice(-4)).toEqual(['realtime', 'settb', 'metadata', 'metadata']);
  }
});

it('notes the frame of an input as soon as it is there, before its form is changed, and does not pace it', () => {
  const args = encoderArgs({ kind: 'input', words: ['-f', 'v4l2', '-i', '/dev/video0'] }, VIDEO);
  expect(filtersOf(args).slice(0, 4)).toEqual(['settb', 'metadata', 'metadata', 'fps']);
  expect(args.join(' ')).not.toContain('realtime');
});

it('lets a film lead to no other protocol than files', () => {
  const args = encoderArgs({ kind: 'file', path: '-y.m3u8' }, VIDEO);
  expect(args[args.indexOf('-protocol_whitelist') + 1]).toBe('file,crypto,data');
  expect(args[args.indexOf('-i') + 1]).toBe('file:-y.m3u8');
});

it('gives up a server that takes nothing for half a minute, so that no sender outlives a publisher that was killed', () => {
  const args = senderArgs('rtmp://127.0.0.1/live/k');
  expect(args[args.indexOf('-rw_timeout') + 1]).toBe('30000000');
  // An option of the output, not of what is read from us: a pause may be longer.
  expect(args.indexOf('-rw_timeout')).toBeGreaterThan(args.indexOf('pipe:0'));
});
