import { expect, it } from 'vitest';
import { frameNoteReader } from './frame-notes.js';

const TEXT =
  'frame:0    pts:0       pts_time:0\nc=1\nframe:12  pts:-400000  pts_time:-0.4\nc=1\nframe:13  pts:3600033333  pts_time:3600.03\n';

it('reads the time of each frame, wherever the text is split', () => {
  for (let split = 0; split <= TEXT.length; split++) {
    const seen: number[] = [];
    const read = frameNoteReader((pts) => seen.push(pts));
    read(TEXT.slice(0, split));
    read(TEXT.slice(split));
    expect(seen).toEqual([0, -400_000, 3_600_033_333]);
  }
});

it('survives a line without an end', () => {
  const seen: number[] = [];
  const read = frameNoteReader((pts) => seen.push(pts));
  for (let i = 0; i < 100; i++) read('x'.repeat(10_000));
  read('\nframe:1 pts:5 pts_time:1\n');
  expect(seen).toEqual([5]);
});
