import { PassThrough, Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { processOutput } from './output.js';

/** A stdout whose writes end with `code`. */
function failing(code: string): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })) });
}

it('says that results were lost when the disk behind stdout is full', async () => {
  const output = processOutput([], { stdout: failing('ENOSPC'), stderr: new PassThrough() });
  output.result('{}');
  expect(await output.lost()).toBe('cannot write to stdout: ENOSPC');
});

it('does not mind a reader that has gone', async () => {
  const output = processOutput([], { stdout: failing('EPIPE'), stderr: failing('EPIPE') });
  output.result('{}');
  output.line('exit 0');
  expect(await output.lost()).toBeUndefined();
});

it('masks the stream key in lines, and leaves results alone but for what looks like a token', async () => {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const output = processOutput(['smoke'], { stdout, stderr });
  output.result('smoke accessToken=abc');
  output.line('smoke accessToken=abc');
  expect(String(stdout.read())).toBe('smoke accessToken=***\n');
  expect(String(stderr.read())).toBe('*** accessToken=***\n');
  expect(await output.lost()).toBeUndefined();
});
