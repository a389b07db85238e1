import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startStage } from './stage-process.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A child process that does what the test says. */
class FakeChild extends EventEmitter {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  exitCode: number | null = null;
  signalCode: string | null = null;
  readonly signals: string[] = [];
  obeys = true;

  kill(signal: string): boolean {
    this.signals.push(signal);
    if (this.obeys || signal === 'SIGKILL') this.end(null, signal);
    return true;
  }

  end(code: number | null, signal: string | null = null): void {
    this.exitCode = code;
    this.signalCode = signal;
    this.emit('exit', code, signal);
  }
}

const URLS = { apiUrl: 'http://a', socketUrl: 'http://s', flvUrl: 'http://f', hlsUrl: 'http://h' };
const READY = `${JSON.stringify({ kind: 'stage_ready', urls: URLS, controlUrl: 'http://127.0.0.1:1', streamKey: 'demo' })}\n`;

function starting() {
  const child = new FakeChild();
  const stage = startStage({ faults: [] }, () => child as unknown as ChildProcess);
  stage.catch(() => {});
  return { child, stage };
}

async function running() {
  const { child, stage } = starting();
  child.stdout.write(READY);
  return { child, stage: await stage };
}

it('is up when the stage says in one line where it listens', async () => {
  const { stage } = await running();
  expect(stage.target).toEqual({ ...URLS, streamKey: 'demo' });
});

it('tells with its last words why a stage ended before it was up', async () => {
  const { child, stage } = starting();
  child.stderr.write('something\nexit 1: the clip is missing\n');
  await turn();
  child.end(1);
  await expect(stage).rejects.toThrow('the stage ended by itself (code 1): exit 1: the clip is missing');
});

it('does not wait for a stage that never gets up, and kills it', async () => {
  const { child, stage } = starting();
  await vi.advanceTimersByTimeAsync(20_000);
  await expect(stage).rejects.toThrow('did not start within 20 s');
  expect(child.signals).toEqual(['SIGKILL']);
});

it.each(['garbage\n', '{}\n', 'null\n'])('kills what says %j instead of where it listens', async (line) => {
  const { child, stage } = starting();
  child.stdout.write(line);
  await expect(stage).rejects.toThrow();
  expect(child.signals).toEqual(['SIGKILL']);
});

it('says that a program that cannot be started could not be', async () => {
  const { child, stage } = starting();
  child.emit('error', new Error('spawn ENOENT'));
  await expect(stage).rejects.toThrow('the stage could not be started: spawn ENOENT');
});

it('reports a stage that dies later, by signal or code', async () => {
  const { child, stage } = await running();
  child.end(null, 'SIGKILL');
  expect(await stage.died).toBe('the stage ended by itself (SIGKILL)');
});

it('a stage that is stopped has not died', async () => {
  const { child, stage } = await running();
  let died = false;
  void stage.died.then(() => {
    died = true;
  });
  await stage.stop();
  await turn();
  expect(child.signals).toEqual(['SIGTERM']);
  expect(child.stdin.writableEnded).toBe(true);
  expect(died).toBe(false);
});

it('kills a stage that does not stop within 3 s', async () => {
  const { child, stage } = await running();
  child.obeys = false;
  const stopped = stage.stop();
  await vi.advanceTimersByTimeAsync(3000);
  await stopped;
  expect(child.signals).toEqual(['SIGTERM', 'SIGKILL']);
});

it('stopping a stage that is gone already waits for nothing', async () => {
  const { child, stage } = await running();
  child.end(0);
  await stage.stop();
  stage.kill();
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
