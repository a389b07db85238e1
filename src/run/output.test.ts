import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { FakeTerminal } from '../../test/support/fake-terminal.js';
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

it('knows how it was called, so that its commands can be pasted', () => {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const toolIn = (env: Record<string, string>) => processOutput([], streams, env).tool;
  expect(toolIn({ npm_lifecycle_event: 'npx', npm_lifecycle_script: 'dorami-load' })).toBe('npx dorami-load');
  expect(toolIn({ npm_lifecycle_event: 'npx', npm_lifecycle_script: 'vitest' })).toBe('dorami-load');
  expect(toolIn({})).toBe('dorami-load');
});

describe('the view', () => {
  const terminal = () => Object.assign(new PassThrough(), { isTTY: true, columns: 40, rows: 10 });
  const written = (stream: PassThrough) => String(stream.read() ?? '');
  const ENV = { TERM: 'xterm' };

  it('has lines printed above it while it is open, redacted as they are', () => {
    const stderr = terminal();
    const output = processOutput(['secret-key'], { stdout: new PassThrough(), stderr }, ENV);
    const view = output.openView?.();
    view?.draw(['a view with secret-key']);
    output.line('a note with secret-key');
    view?.close();
    output.line('after');
    const screen = new FakeTerminal();
    screen.write(written(stderr));
    expect(screen.shown).toEqual(['a note with ***', 'after']);
  });

  it('is taken away when the process ends, and leaves no listener when it is closed', () => {
    const before = process.listenerCount('exit');
    const stderr = terminal();
    const view = processOutput([], { stdout: new PassThrough(), stderr }, ENV).openView?.();
    expect(process.listenerCount('exit')).toBe(before + 1);
    view?.draw(['x']);
    const listener = process.listeners('exit').at(-1) as () => void;
    listener();
    const screen = new FakeTerminal();
    screen.write(written(stderr));
    expect(screen.shown).toEqual([]);
    expect(process.listenerCount('exit')).toBe(before);
    view?.draw(['too late']);
    expect(written(stderr)).toBe('');
  });

  it('is refused where it would not be seen', () => {
    const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
    expect(processOutput([], streams, ENV).openView?.()).toBeUndefined();
    const inCi = { stdout: new PassThrough(), stderr: terminal() };
    expect(processOutput([], inCi, { ...ENV, CI: 'true' }).openView?.()).toBeUndefined();
  });
});
