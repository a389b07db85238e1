import { describe, expect, it } from 'vitest';
import type { PublishFlags } from '../config/flags.js';
import { ConfigError } from '../errors.js';
import { resolvePublishFlags } from './publish-flags.js';

function problemsOf(flags: PublishFlags, env: Record<string, string> = {}): string[] {
  try {
    resolvePublishFlags(flags, [], env);
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map(({ path, problem }) => `${path}: ${problem}`);
    throw error;
  }
  return [];
}

describe('the flags of publish', () => {
  it("are the strategy's broadcast when nothing is said", () => {
    expect(resolvePublishFlags({})).toEqual({
      source: { kind: 'pattern' },
      video: {
        ...{ widthPx: 1920, heightPx: 1080, rate: 30, gopFrames: 30 },
        ...{ bitsPerS: 2_500_000, audioBitsPerS: 128_000, preset: 'veryfast' },
      },
      url: 'rtmp://127.0.0.1:1935/live/demo',
      secrets: ['demo'],
      quiet: false,
    });
  });

  it('take the stream key from the environment, a flag goes before it', () => {
    const env = { DORAMI_LOAD_STREAM_KEY: 'from-env' };
    expect(resolvePublishFlags({}, [], env).url).toMatch(/\/live\/from-env$/);
    expect(resolvePublishFlags({ 'stream-key': 'by-flag' }, [], env).secrets).toEqual(['by-flag']);
    expect(problemsOf({ 'stream-key': 'a/b' })).toEqual(['--stream-key: not a stream key']);
  });

  it.each([
    ['rtmp://staging.example.com/live', 'staging.example.com'],
    ['rtmps://10.0.0.5:443/live', '10.0.0.5'],
    ['rtmp://evil.localhost/live', 'evil.localhost'],
    ['rtmp://0.0.0.0/live', '0.0.0.0'],
    ['rtmp://[fe80::1]/live', 'fe80::1'],
  ])('lead to %s only when it is named', (to, host) => {
    expect(problemsOf({ to })).toEqual([`--to: ${host} is not on this machine and not allowed as a target`]);
  });

  it('lead to a host that is named, and to loopback in any form', () => {
    const to = 'rtmps://staging.example.com/live/';
    expect(resolvePublishFlags({ to, 'allow-target': ['staging.example.com'] }).url).toBe(
      'rtmps://staging.example.com/live/demo',
    );
    for (const host of ['127.9.9.9', 'localhost', '[::1]'])
      expect(problemsOf({ to: `rtmp://${host}/live` })).toEqual([]);
  });

  it.each([
    'http://127.0.0.1/live',
    'rtmp://127.0.0.1',
    'rtmp://127.0.0.1/live/key',
    'rtmp://me:pw@127.0.0.1/live',
    'rtmp://127.0.0.1:99999/live',
    'rtmp://127.0.0.1/live?x=1',
    'rtmp://127.0.0.1/li ve',
    '',
  ])('refuse %j, which is no address of an application', (to) => {
    expect(problemsOf({ to })).toEqual(['--to: not an RTMP address']);
  });

  it('take one source, and no input from a host that is not named', () => {
    expect(resolvePublishFlags({ file: 'film.mp4' }).source).toEqual({ kind: 'file', path: 'film.mp4' });
    expect(resolvePublishFlags({ input: '-f v4l2 -i /dev/video0' }).source).toEqual({
      kind: 'input',
      words: ['-f', 'v4l2', '-i', '/dev/video0'],
    });
    expect(problemsOf({ file: 'a', input: 'b' })).toEqual([
      '--input: goes without --file: there is one source',
    ]);
    expect(problemsOf({ input: 'rtsp://camera.example.com/1' })).toEqual([
      '--input: camera.example.com is not on this machine and not allowed as a target',
    ]);
    expect(problemsOf({ input: '-i a out.mp4' })).toEqual(['--input: not one input']);
  });

  it('are refused all at once', () => {
    const flags = {
      size: '15x2',
      rate: '0',
      gop: '1',
      bitrate: '1',
      'audio-bitrate': 'x',
      preset: 'p',
      tune: 't',
      control: 'x',
      duration: '0s',
    };
    expect(problemsOf(flags).map((text) => text.split(':')[0])).toEqual([
      ...[
        '--size',
        '--rate',
        '--gop',
        '--bitrate',
        '--audio-bitrate',
        '--preset',
        '--tune',
        '--control',
        '--duration',
      ],
    ]);
  });

  it('count a GOP in whole frames', () => {
    expect(resolvePublishFlags({ gop: '2s', rate: '25' }).video.gopFrames).toBe(50);
    expect(resolvePublishFlags({ gop: '100ms', rate: '1' }).video.gopFrames).toBe(1);
  });

  it('show the clock of the stamps to this machine, and to others only when they are told where', () => {
    expect(resolvePublishFlags({}).clock).toBeUndefined();
    expect(resolvePublishFlags({ clock: '9000' }).clock).toEqual({ host: '127.0.0.1', port: 9000 });
    const wide = { clock: '9000', 'clock-host': '10.0.0.5' };
    expect(resolvePublishFlags(wide).clock).toEqual({ host: '10.0.0.5', port: 9000 });
    expect(problemsOf({ clock: '70000' })).toEqual(['--clock: not a port']);
    expect(problemsOf({ clock: '1', 'clock-host': 'no host' })).toEqual(['--clock-host: not an address']);
    expect(problemsOf({ 'clock-host': '10.0.0.5' })).toEqual([
      '--clock-host: goes with --clock, which says the port',
    ]);
  });
});
