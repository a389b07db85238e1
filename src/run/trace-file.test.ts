import { describe, expect, it } from 'vitest';
import { formatLine, type LineOf, parseLine } from '../trace/line.js';
import { TraceFile, type TraceStore } from './trace-file.js';

const LIMITS = { firstBytes: 2000, lateBytes: 1000, waitingChars: 100_000 };
const lineAt = (atMs: number): string => formatLine({ kind: 'keyframe', atMs });

/** A disk in memory, which can be full. */
class MemoryStore implements TraceStore {
  readonly files = new Map<string, string>();
  full = false;
  /** Characters that still go to a full disk. */
  room = 0;

  async append(name: string, text: string, fresh: boolean): Promise<void> {
    const before = fresh ? '' : (this.files.get(name) ?? '');
    if (!this.full) {
      this.files.set(name, before + text);
      return;
    }
    this.files.set(name, before + text.slice(0, this.room));
    this.room = 0;
    throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  }

  async join(name: string, parts: readonly string[]): Promise<void> {
    for (const part of parts) {
      this.files.set(name, (this.files.get(name) ?? '') + (this.files.get(part) ?? ''));
      this.files.delete(part);
    }
  }

  lines(name: string): readonly string[] {
    return (this.files.get(name) ?? '').trimEnd().split('\n');
  }
}

async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

describe('the file of a trace', () => {
  it('has every line, in order, as long as there is room', async () => {
    const store = new MemoryStore();
    const file = new TraceFile('vu-3', store, LIMITS);
    for (let i = 0; i < 40; i++) file.append([lineAt(i)]);
    await file.close();
    expect([...store.files.keys()]).toEqual(['vu-3.ndjson']);
    expect(store.lines('vu-3.ndjson')).toEqual(Array.from({ length: 40 }, (_, i) => lineAt(i)));
    expect(file.lost).toEqual({ lines: 0, why: '' });
  });

  it('keeps the first and the newest lines of a long run, and says what lies between', async () => {
    const store = new MemoryStore();
    const file = new TraceFile('vu-3', store, LIMITS);
    for (let i = 0; i < 1000; i++) {
      file.append([lineAt(i)]);
      await settled();
      const bytes = [...store.files.values()].reduce((total, text) => total + text.length, 0);
      expect(bytes).toBeLessThan(LIMITS.firstBytes + 2 * LIMITS.lateBytes + 400);
    }
    await file.close();
    expect([...store.files.keys()]).toEqual(['vu-3.ndjson']);
    const lines = store.lines('vu-3.ndjson').map((text) => parseLine(text));
    const kept = lines.flatMap((line) => (line?.kind === 'keyframe' ? [line.atMs] : []));
    const gap = lines.findLast((line): line is LineOf<'gap'> => line?.kind === 'gap');
    expect(kept.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(kept.at(-1)).toBe(999);
    const lastBefore = kept.findLast((atMs) => atMs < (gap?.fromAtMs ?? 0));
    const firstAfter = kept.find((atMs) => atMs > (gap?.atMs ?? 0));
    expect([lastBefore, firstAfter]).toEqual([(gap?.fromAtMs ?? 0) - 1, (gap?.atMs ?? 0) + 1]);
  });

  it('counts what a full disk does not take, goes on when it can, and tells of it in the file', async () => {
    const store = new MemoryStore();
    const file = new TraceFile('vu-3', store, LIMITS);
    file.append([lineAt(1)]);
    await settled();
    store.full = true;
    store.room = 10;
    for (let i = 2; i < 7; i++) {
      file.append([lineAt(i)]);
      await settled();
    }
    store.full = false;
    file.append([lineAt(7)]);
    await file.close();
    const lines = store.lines('vu-3.ndjson').map((text) => parseLine(text));
    expect(lines).toEqual([
      { kind: 'keyframe', atMs: 1 },
      undefined, // the line that was cut off
      { kind: 'lost', atMs: 7, lines: 5, why: 'ENOSPC' },
      { kind: 'keyframe', atMs: 7 },
    ]);
    expect(file.lost).toEqual({ lines: 5, why: 'ENOSPC' });
  });

  it('holds a bounded number of lines while a disk hangs', async () => {
    const written: string[] = [];
    let release = (): void => {};
    const hanging = new Promise<void>((resolve) => {
      release = resolve;
    });
    const store: TraceStore = {
      append: async (_, text) => {
        await hanging;
        written.push(text);
      },
      join: async () => {},
    };
    const file = new TraceFile('vu-3', store, { ...LIMITS, waitingChars: 1000 });
    for (let i = 0; i < 10_000; i++) file.append([lineAt(i)]);
    release();
    await file.close();
    expect(written.join('').length).toBeLessThan(1500);
    expect(file.lost.lines).toBeGreaterThan(9900);
    expect(file.lost.why).toBe('the disk does not keep up');
  });
});
