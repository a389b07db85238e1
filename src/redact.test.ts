import { describe, expect, it } from 'vitest';
import { createRedact } from './redact.js';

const redact = createRedact(['s3cretkey', '']);

describe('createRedact', () => {
  it.each([
    ['the key itself', 'stream s3cretkey is live'],
    ['a key with signs in a URL', 'GET http://h/live/live/s3cretkey.flv?x=1'],
    ['a JWT', 'token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1MSJ9.c2lnbmF0dXJl'],
    ['a JWT without signature', 'x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1MSJ9.'],
    ['cookies', 'cookie: accessToken=abc.def; refreshToken=xyz; session_id=0f-1; csrf-token=ff'],
    ['a bearer header', 'Authorization: Bearer abc.def-ghi'],
    ['credentials in a URL', 'http://me:pw@host/'],
    ['credentials in the URL of a camera', 'RTSP://me:pw@host/live: Connection refused'],
    ['an HLS session', 'http://h/live/other.m3u8?hls_ctx=abcd1234'],
  ])('masks %s', (_name, text) => {
    const masked = redact(text);
    expect(masked).toContain('***');
    expect(masked).not.toMatch(/s3cretkey|eyJ|abc|xyz|0f-1|=ff|me:pw/);
  });

  it('masks the key of a media URL even when it was never told', () => {
    const blind = createRedact([]);
    expect(blind('GET /live/live/unknownkey.flv and /hls/unknownkey.m3u8')).toBe(
      'GET /live/live/***.flv and /hls/***.m3u8',
    );
  });

  it('masks the key of an RTMP address as ffmpeg quotes it', () => {
    const blind = createRedact([]);
    expect(blind('rtmp://127.0.0.1:1935/live/abcd: Connection refused (rtmps://h/app/k-e.y)')).toBe(
      'rtmp://127.0.0.1:1935/live/***: Connection refused (rtmps://h/app/***)',
    );
    expect(blind('publish --to rtmp://127.0.0.1:1935/live')).toBe('publish --to rtmp://127.0.0.1:1935/live');
  });

  it('leaves ordinary text alone, also with an empty or very short secret', () => {
    const text = 'exit 99: chat_delivery_ratio failed: 0 % of 99 % wanted';
    expect(redact(text)).toBe(text);
    expect(createRedact(['', 'a'])('banana')).toBe('banana');
  });
});
