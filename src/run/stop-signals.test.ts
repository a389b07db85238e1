import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { listenForStop, untilStopped } from './stop-signals.js';

function setup() {
  const source = new EventEmitter();
  let nowMs = 1000;
  const seconds: string[] = [];
  const stop = listenForStop(
    source,
    () => nowMs,
    (signal) => seconds.push(signal),
  );
  const send = (signal: string, atMs: number): void => {
    nowMs = atMs;
    source.emit(signal, signal);
  };
  return { source, stop, send, seconds };
}

describe('listenForStop', () => {
  it('tells the first signal once and the second one apart', async () => {
    const { stop, send, seconds } = setup();
    send('SIGTERM', 1000);
    expect(await stop.first).toBe('SIGTERM');
    expect(seconds).toEqual([]);
    send('SIGINT', 2000);
    expect(seconds).toEqual(['SIGINT']);
  });

  it('takes a signal that comes twice at once, as timeout(1) sends it, for one', async () => {
    const { stop, send, seconds } = setup();
    send('SIGINT', 1000);
    send('SIGINT', 1005);
    expect(await stop.first).toBe('SIGINT');
    expect(seconds).toEqual([]);
    send('SIGINT', 1100);
    expect(seconds).toEqual(['SIGINT']);
  });

  it('takes its handlers away again', () => {
    const { source, stop } = setup();
    stop.dispose();
    expect(source.eventNames()).toEqual([]);
  });
});

describe('untilStopped', () => {
  it('gives what the work gives', async () => {
    expect(await untilStopped(Promise.resolve(5), new Promise(() => {}))).toBe(5);
    await expect(untilStopped(Promise.reject(new Error('x')), new Promise(() => {}))).rejects.toThrow('x');
  });

  it('does not wait for work that hangs, and hands over what comes of it later', async () => {
    let finish: (value: number) => void = () => {};
    const work = new Promise<number>((resolve) => {
      finish = resolve;
    });
    const late: number[] = [];
    const waiting = untilStopped(work, Promise.resolve('SIGINT'), (value) => late.push(value));
    await expect(waiting).rejects.toThrow('stopped by SIGINT before the first viewer came');
    finish(7);
    await work;
    expect(late).toEqual([7]);
  });
});
