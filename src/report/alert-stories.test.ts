import { describe, expect, it } from 'vitest';
import { AlertStoryReader } from './alert-stories.js';
import { alertsText } from './alert-words.js';
import { alertsSection } from './html/alerts-section.js';
import { marksOf } from './marks.js';

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
    expect(storiesOf(line('raised', 1000), line('raised', 90_000))).toMatchObject({ openCount: 1 });
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
    expect(stories.openCount).toBe(0);
    expect(String(alertsSection(stories)?.markup)).toContain('And 50 more');
  });

  it('say which to look at first: critical before warning, then the longest, not cleared before cleared', () => {
    const critical = { severity: 'critical', id: 'container-cpu', words: 'CPU' };
    const cleared = storiesOf(
      line('raised', 0),
      line('cleared', 500_000, { heldMs: 500_000 }),
      line('raised', 10_000, critical),
      line('cleared', 20_000, { ...critical, heldMs: 10_000 }),
      line('raised', 30_000, { ...critical, name: 'web' }),
      line('cleared', 90_000, { ...critical, name: 'web', heldMs: 60_000 }),
    );
    expect(cleared).toMatchObject({ raised: 3, critical: 2, openCount: 0, open: [] });
    expect(cleared.worst).toMatchObject({ raisedAtMs: 30_000, clearedAtMs: 90_000 });
    const open = storiesOf(
      line('raised', 30_000, critical),
      line('cleared', 90_000, { ...critical, heldMs: 60_000 }),
      line('raised', 100_000, critical),
      line('raised', 0),
    );
    expect(open.worst).toEqual({ words: 'CPU', severity: 'critical', raisedAtMs: 100_000 });
    expect(open.open.map(({ words }) => words)).toEqual(['CPU', 'evicted keys <2>']);
    expect(storiesOf().worst).toBeUndefined();
  });

  it('stand in the summary in one line', () => {
    const worst = {
      words: 'CPU 80 %',
      severity: 'critical' as const,
      raisedAtMs: 130_000,
      clearedAtMs: 185_000,
    };
    const counts = { raised: 3, critical: 1, openOnes: [] };
    expect(alertsText({ ...counts, open: 0, worst })).toBe(
      '3 raised (1 critical), all cleared; worst: CPU 80 %, 2:10 to 3:05',
    );
    expect(alertsText({ ...counts, open: 1, worst: { ...worst, clearedAtMs: null } })).toBe(
      '3 raised (1 critical), 1 not cleared; worst: CPU 80 %, from 2:10 on',
    );
    expect(alertsText({ raised: 0, critical: 0, open: 0, worst: null, openOnes: [] })).toBe('none raised');
  });

  it('are marks on the axis of the report, critical ones first when there are many', () => {
    const many = Array.from({ length: 40 }, (_, at) => line('raised', at * 1000, { name: `c${at}` }));
    const { list } = storiesOf(...many, line('raised', 50_000, { severity: 'critical', words: 'CPU' }));
    const marks = marksOf({}, [], { list });
    expect(marks).toHaveLength(30);
    expect(marks.at(-1)).toEqual({
      ...{ fromMs: 50_000, label: 'CPU', words: 'alert, critical: CPU, not cleared' },
      ...{ kind: 'alert', isCritical: true },
    });
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
