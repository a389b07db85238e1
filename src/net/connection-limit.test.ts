import { describe, expect, it } from 'vitest';
import type { Cancel } from '../seams.js';
import { ConnectionLimit } from './connection-limit.js';
import type { TransportHandler } from './transport.js';

function setup() {
  const limit = new ConnectionLimit();
  const running = new Map<string, TransportHandler>();
  const stopped: string[] = [];
  const done: string[] = [];
  const begin = (name: string, origin = 'http://a'): Cancel =>
    limit.start(
      origin,
      { onHead: () => undefined, onBody: () => undefined, onDone: (kind) => done.push(`${name} ${kind}`) },
      (handler) => {
        running.set(name, handler);
        return () => {
          running.delete(name);
          stopped.push(name);
        };
      },
    );
  const finish = (name: string): void => {
    const handler = running.get(name);
    running.delete(name);
    handler?.onDone('complete');
  };
  return { limit, running, stopped, done, begin, finish };
}

describe('ConnectionLimit', () => {
  it('runs six at a time per origin, the others in the order they came', () => {
    const { running, done, begin, finish } = setup();
    for (let i = 1; i <= 8; i++) begin(`${i}`);
    begin('b', 'http://b');
    expect([...running.keys()]).toEqual(['1', '2', '3', '4', '5', '6', 'b']);
    finish('3');
    expect([...running.keys()]).toEqual(['1', '2', '4', '5', '6', 'b', '7']);
    finish('1');
    expect(running.has('8')).toBe(true);
    expect(done).toEqual(['3 complete', '1 complete']);
  });

  it('gives the place of one that was stopped to the next, once', () => {
    const { running, stopped, begin } = setup();
    const cancels = Array.from({ length: 8 }, (_, i) => begin(`${i + 1}`));
    cancels[0]?.();
    cancels[0]?.();
    expect(stopped).toEqual(['1']);
    expect([...running.keys()]).toEqual(['2', '3', '4', '5', '6', '7']);
  });

  it('never starts one that was stopped in line, nor any after the close', () => {
    const { limit, running, begin, finish } = setup();
    const cancels = Array.from({ length: 9 }, (_, i) => begin(`${i + 1}`));
    cancels[6]?.();
    finish('1');
    expect(running.has('7')).toBe(false);
    expect(running.has('8')).toBe(true);
    limit.close();
    finish('2');
    expect(running.has('9')).toBe(false);
  });
});
