import { expect, it } from 'vitest';
import { EXIT } from '../report/exit-codes.js';
import type { BroadcastEnd } from './broadcast.js';
import { outcomeOfEnd, outcomeOfStop } from './outcome.js';

const OPTIONS = { source: { kind: 'pattern' }, url: 'rtmp://127.0.0.1/live/thekey' } as const;
const end = { missing: false, how: 'code 1', lastWords: 'rtmp://127.0.0.1/live/thekey: Connection refused' };

it.each<[string, BroadcastEnd, number, RegExp | undefined]>([
  [
    'no ffmpeg',
    { kind: 'encoder', frames: 0, end: { ...end, missing: true } },
    EXIT.preflight,
    /not installed/,
  ],
  [
    'no ffmpeg to send',
    { kind: 'server', wasOnAir: false, end: { ...end, missing: true, timedOut: false } },
    EXIT.preflight,
    /not installed/,
  ],
  [
    'a server that refuses',
    { kind: 'server', wasOnAir: false, end: { ...end, timedOut: false } },
    EXIT.preflight,
    /KEY refused/,
  ],
  [
    'a server that is silent',
    { kind: 'server', wasOnAir: false, end: { ...end, timedOut: true } },
    EXIT.preflight,
    /no picture within 15 s/,
  ],
  [
    'a connection that broke',
    { kind: 'server', wasOnAir: true, end: { ...end, timedOut: false } },
    EXIT.offAir,
    /was lost/,
  ],
  ['an encoder that never began', { kind: 'encoder', frames: 0, end }, EXIT.preflight, /did not start/],
  [
    'an encoder that fell',
    { kind: 'encoder', frames: 9, end: { ...end, how: 'SIGKILL' } },
    EXIT.offAir,
    /SIGKILL/,
  ],
  [
    'a source at its end',
    { kind: 'encoder', frames: 9, end: { ...end, how: 'code 0' } },
    EXIT.pass,
    /source has ended/,
  ],
  ['other media', { kind: 'media', problem: 'video_codec at byte 0' }, EXIT.offAir, /video_codec/],
])('%s has its code and words, without the key', (_name, ended, exitCode, words) => {
  const outcome = outcomeOfEnd(ended, OPTIONS, (text) => text.replaceAll('thekey', 'KEY'));
  expect(outcome.exitCode).toBe(exitCode);
  expect(outcome.reason).toMatch(words ?? /./);
  expect(outcome.reason).not.toContain('thekey');
});

it('says that nothing was published when the time was over before the server took a picture', () => {
  const redact = (text: string): string => text.replace('thekey', 'KEY');
  expect(outcomeOfStop('time', OPTIONS, false, redact)).toEqual({
    exitCode: EXIT.preflight,
    reason: 'time was over before rtmp://127.0.0.1/live/KEY took a picture: nothing was published',
  });
  expect(outcomeOfStop('time', OPTIONS, true, redact)).toEqual({ exitCode: EXIT.pass });
  expect(outcomeOfStop('signal', OPTIONS, false, redact)).toEqual({ exitCode: EXIT.pass });
});
