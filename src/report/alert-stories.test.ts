import { describe, expect, it } from 'vitest';
import { AlertStoryReader } from './alert-stories.js';
import { alertsSection } from './html/alerts-section.js';

const line = (kind: 'raised' | 'cleared', atMs: number, own: object = {}): string =>
  JSON.stringify({
    timestamp: '2026-02-28T10:00:00.000Z',
    ...{ atMs, kind, id: 'redis-evicted', severity: 'warning', words: 'evicted keys <2>' },
    ...own,
  });

function storiesOf(...lines: readonly string[]) {
  const reader = new AlertStoryReader();
  for (const each of lines) reader.add(each);
  return reader.stories();
}

describe('the alerts of a run', () => {
  it('are told from raise to clear, and what is no line is left out', () => {
    const { list, raised } = storiesOf(
      line('raised', 1000),
      '{"half',
      'null',
      line('cleared', 21_000, { heldMs: 20_000 }),
      line('raised', 90_000),
      line('cleared', 95_000, { name: 'other', heldMs: 5000 }),
    );
    expect(raised).toBe(2);
    expect(list.map(({ raisedAtMs, clearedAtMs }) => [raisedAtMs, clearedAtMs])).toEqual([
      [1000, 21_000],
      [90_000, undefined],
    ]);
  });

  it('are a bounded number, and the others are counted', () => {
    const lines = Array.from({ length: 250 }, (_, at) => line('raised', at * 1000));
    const stories = storiesOf(...lines, line('cleared', 260_000, { heldMs: 11_000 }));
    expect(stories.list).toHaveLength(200);
    expect(stories.raised).toBe(250);
    expect(stories.list.some(({ clearedAtMs }) => clearedAtMs !== undefined)).toBe(false);
    expect(String(alertsSection(stories)?.markup)).toContain('And 50 more');
  });

  it('stand in the report as text, with their times', () => {
    const page = String(alertsSection(storiesOf(line('raised', 61_000)))?.markup);
    expect(page).toContain('evicted keys &lt;2&gt;');
    expect(page).toContain('1:01');
    expect(page).toContain('never');
    expect(String(alertsSection(storiesOf())?.markup)).toContain('None was raised.');
    expect(alertsSection(undefined)).toBeUndefined();
  });
});
