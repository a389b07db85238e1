import { expect, it } from 'vitest';
import { inputHosts, inputSecrets, inputWords } from './input-words.js';

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
  [['-i', 'rtsp://me:pw@Camera.Example.com:554/live'], ['camera.example.com']],
  [['-i', 'http://[::1]:80/a'], ['::1']],
  [
    ['-i', 'cache:http://one.example/a?u=http://two.example'],
    ['one.example', 'two.example'],
  ],
  [['-f', 'lavfi', '-i', 'movie=http\\\\://film.example/a.mp4'], ['film.example']],
  [
    ['-http_proxy', 'http://proxy.example:3128', '-i', 'http://127.0.0.1/a'],
    ['proxy.example', '127.0.0.1'],
  ],
  [['-i', '/dev/video0'], []],
  [['-i', 'file:///tmp/a'], []],
])('finds the hosts of %j', (words, hosts) => {
  expect(inputHosts(words)).toEqual(hosts);
});

it.each([
  [
    ['-i', 'rtsp://bob:s3cret@cam:1/live?token=abcd&x=efgh'],
    ['bob:s3cret', 's3cret', 'abcd', 'efgh', 'bob'],
  ],
  [['-i', 'srt://127.0.0.1:1?passphrase=mysecretpass'], ['mysecretpass']],
  [['-headers', 'Authorization: Basic Ym9i', '-i', 'http://cam/a'], ['Authorization: Basic Ym9i']],
  [['-f', 'v4l2', '-framerate', '60', '-i', '/dev/video0'], []],
])('finds what of %j must not be printed', (words, secrets) => {
  expect(inputSecrets(words)).toEqual(secrets);
});
