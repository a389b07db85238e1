import { expect, it } from 'vitest';
import { inputHost, inputWords } from './input-words.js';

it.each([
  ['-f v4l2 -i /dev/video0', ['-f', 'v4l2', '-i', '/dev/video0']],
  ['  -re  -i  "my film.mp4" ', ['-re', '-i', 'my film.mp4']],
  [
    '-f lavfi -i \'testsrc2=size=16x16,drawtext=text="a b"\'',
    ['-f', 'lavfi', '-i', 'testsrc2=size=16x16,drawtext=text="a b"'],
  ],
  ['/dev/video0', ['-i', '/dev/video0']],
])('reads %s', (text, words) => {
  expect(inputWords(text)).toEqual(words);
});

it.each(['', '   ', '-re', '-i a -i b', '-i a out.mp4', '-i "a', "'", '-i'])(
  'refuses %j, which is not one input',
  (text) => {
    expect(inputWords(text)).toBeUndefined();
  },
);

it.each([
  [['-i', 'rtsp://me:pw@Camera.Example.com:554/live'], 'camera.example.com'],
  [['-i', 'http://[::1]:80/a'], '::1'],
  [['-i', '/dev/video0'], undefined],
  [['-i', 'file:///tmp/a'], undefined],
])('finds the host of %j', (words, host) => {
  expect(inputHost(words)).toBe(host);
});
