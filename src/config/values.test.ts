import { describe, expect, it } from 'vitest';
import {
  formatDuration,
  hostOf,
  isLoopbackHost,
  parseBaseUrl,
  parseDuration,
  parseMix,
  parseWhole,
} from './values.js';

describe('parseDuration', () => {
  it.each([
    ['90s', 90_000],
    ['3m', 180_000],
    ['1h30m', 5_400_000],
    ['1.5m', 90_000],
    ['500ms', 500],
    ['2m5s', 125_000],
    [' 10S ', 10_000],
  ])('reads %s as %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '90', 's', '-5s', '5 s', '1h 30m', '5x', 'ten', '1e3s', '.5s'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0ms'],
    [500, '500ms'],
    [90_000, '1m30s'],
    [60_000, '1m'],
    [2500, '2.5s'],
    [5_400_000, '1h30m'],
    [59_990, '1m'],
    [3_600_000, '1h'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('parseWhole', () => {
  it.each(['1.5', '', 'ten', '0', '11', '1e1', '0x5', '99999999999999999999'])(
    'refuses %j in 1 to 10',
    (text) => {
      expect(parseWhole(text, 1, 10)).toBeUndefined();
    },
  );

  it('takes both ends of its range', () => {
    expect([parseWhole('1', 1, 10), parseWhole('10', 1, 10)]).toEqual([1, 10]);
  });
});

describe('parseMix', () => {
  it('reads both protocols in any order, and one alone', () => {
    expect(parseMix('hls=70,flv=30')).toEqual({ hls: 70, flv: 30 });
    expect(parseMix('flv=1, hls=2')).toEqual({ hls: 2, flv: 1 });
    expect(parseMix('flv=100')).toEqual({ hls: 0, flv: 100 });
  });

  it.each([
    '',
    'hls',
    'hls=',
    'hls=70,flv',
    'hls=0,flv=0',
    'hls=1,hls=2',
    'dash=5',
    'hls=-1',
    'hls=1.5',
    'hls=1001',
  ])('refuses %j', (text) => {
    expect(parseMix(text)).toBeUndefined();
  });
});

describe('parseBaseUrl', () => {
  it('takes off trailing slashes and keeps a path', () => {
    expect(parseBaseUrl('http://127.0.0.1:8080/')).toBe('http://127.0.0.1:8080');
    expect(parseBaseUrl('https://cdn.example.com/live//')).toBe('https://cdn.example.com/live');
  });

  it.each([
    '127.0.0.1:8080',
    'ftp://host/',
    'http://',
    'http://user:pw@host/',
    'http://host/?token=1',
    'http://host/#x',
    '',
  ])('refuses %j', (text) => {
    expect(parseBaseUrl(text)).toBeUndefined();
  });
});

describe('isLoopbackHost', () => {
  it.each(['localhost', '127.0.0.1', '127.9.8.7', '::1', 'api.localhost'])('knows %s', (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '10.0.0.1',
    '127.0.0.1.example.com',
    'localhost.example.com',
    '127.example.com',
    '::2',
  ])('does not take %s for loopback', (host) => {
    expect(isLoopbackHost(host)).toBe(false);
  });

  it('sees through every way to write an address in a URL', () => {
    expect(isLoopbackHost(hostOf('http://[::1]:80/'))).toBe(true);
    expect(isLoopbackHost(hostOf('http://2130706433/'))).toBe(true); // 127.0.0.1 as one number
    expect(isLoopbackHost(hostOf('http://LOCALHOST/'))).toBe(true);
  });
});
