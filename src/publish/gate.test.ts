import { describe, expect, it } from 'vitest';
import { Gate } from './gate.js';

const key = (timeMs: number) => ({ timeMs, keyframe: true });
const other = (timeMs: number) => ({ timeMs, keyframe: false });

describe('Gate', () => {
  it('lets nothing through until it is opened, and then nothing before a keyframe', () => {
    const gate = new Gate();
    expect(gate.admit(key(0))).toBeUndefined();
    gate.reopen();
    expect(gate.admit(other(33))).toBeUndefined();
    expect(gate.admit(key(1000))).toBe(0);
    expect(gate.admit(other(1033))).toBe(33);
  });

  it('goes on with the old times after a pause', () => {
    const gate = new Gate();
    gate.reopen(0);
    expect(gate.admit(key(5000))).toBe(0);
    gate.shut();
    expect(gate.admit(other(6000))).toBeUndefined();
    gate.reopen();
    expect(gate.admit(key(9000))).toBe(4000);
  });

  it('begins a new time line where it is told to', () => {
    const gate = new Gate();
    gate.reopen(0);
    gate.admit(key(5000));
    gate.reopen(2 ** 31 - 10);
    expect(gate.admit(key(7000))).toBe(2 ** 31 - 10);
    expect(gate.admit(other(7020))).toBe(10);
  });

  it('never gives sound that belongs before the first picture a negative time', () => {
    const gate = new Gate();
    gate.reopen(0);
    gate.admit(key(5000));
    expect(gate.admit(other(4990))).toBe(0);
  });
});
