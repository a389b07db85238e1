import { describe, expect, it } from 'vitest';
import { hostile } from '../../test/support/hostile-summary.js';
import { passedSummary } from '../../test/support/passed-summary.js';
import { threeBoxes, twoOfThreeBoxes } from '../../test/support/three-boxes.js';
import { summaryMarkdown } from './summary-md.js';

const good = passedSummary();
const place = { folder: 'runs/my run', tool: 'npx dorami-load' };

/** `good` with the last judged row failing. */
function failing() {
  const last = good.kpis.findLast(({ status, mandatory }) => status === 'pass' && mandatory)?.id ?? '';
  const kpis = good.kpis.map((row) =>
    row.id === last ? { ...row, status: 'fail' as const, value: 4321 } : row,
  );
  return { ...good, verdict: 'fail' as const, exitCode: 99, kpis };
}

describe('summaryMarkdown', () => {
  it('begins with the verdict in words', () => {
    expect(summaryMarkdown(good, place).split('\n')[0]).toMatch(
      /^## ✅ PASS \\\(viewer, smoke\\\): all \d+ judged mandatory/,
    );
    expect(summaryMarkdown(failing(), place).split('\n')[0]).toContain('is 4321 ms, wanted');
  });

  it('lists the levels of an escalation as they were measured, each with why it broke', () => {
    const step = { phase: 'step-20', fromMs: 61_000, toMs: 80_000, failed: [], reason: '' };
    const failed = [{ id: 'api_success', words: 'API success: 71 %, wanted > 99 %' }];
    const escalation = {
      ...{ sentence: 'System breaks', finished: true, targetVus: 20, holds: 20, breaksAt: 21 },
      ...{ cause: 'api_success', headroomPct: 5, decidingStep: 'step-20' },
      steps: [
        { ...step, vus: 40, outcome: 'broke' as const, failed },
        { ...step, vus: 20, outcome: 'held' as const },
      ],
    };
    const lines = summaryMarkdown({ ...good, escalation }, place).split('\n');
    const at = lines.indexOf('| 40 | 1:01 | ❌ broke | API success: 71 %, wanted &gt; 99 % |');
    expect(lines[at + 1]).toBe('| 20 | 1:01 | ✅ held |  |');
    expect(summaryMarkdown(good, place)).not.toContain('| outcome |');
  });

  it('names the load boxes where there were many, and which were lost', () => {
    const boxes = threeBoxes().map((box) =>
      box.id === 'c' ? { ...box, isGone: true, lost: 'it died' } : box,
    );
    expect(summaryMarkdown({ ...good, boxes }, place)).toContain(
      '\nLoad boxes: 2 of 3: a 4 viewers, b 4 viewers, c 4 viewers \\(lost\\).\n',
    );
    expect(summaryMarkdown({ ...good, boxes }, place)).toContain('0 lost, 4 gone with a load box ·');
    expect(summaryMarkdown(good, place)).not.toMatch(/Load boxes|gone/);
  });

  it('tells below its head when and why load boxes were lost', () => {
    const lines = summaryMarkdown({ ...good, boxes: twoOfThreeBoxes() }, place).split('\n');
    expect(lines[4]).toMatch(/^Load boxes: 2 of 3/);
    expect(lines[6]).toBe('- box c was lost at 15.4 s: no sign of life for 5.3 s');
    const whole = summaryMarkdown({ ...good, boxes: threeBoxes() }, place);
    expect(whole).not.toContain('- box');
  });

  it('speaks of visits where viewers come more often than there are any', () => {
    const vus = { ...good.vus, planned: 40, joined: 126 };
    expect(summaryMarkdown({ ...good, vus }, place)).toContain('126 visits by 40 viewers,');
  });

  it('puts rows that are no pass first and folds the others', () => {
    const text = summaryMarkdown(failing(), place);
    const [open = '', folded = ''] = text.split('<details>');
    expect(open.match(/^\| ❌ \|/gm)).toHaveLength(1);
    expect(open).not.toContain('| ✅ |');
    expect(folded).toContain('| ✅ |');
    expect(text.match(/<details>/g)).toHaveLength(text.match(/<\/details>/g)?.length ?? 0);
  });

  it('names the command that explains the first of them, as a shell takes it', () => {
    expect(summaryMarkdown(failing(), place)).toContain(
      'npx dorami-load judge runs/my\\ run --explain segment_generation_p95',
    );
  });

  it('says first that an invalid run says nothing about the platform', () => {
    const invalidReasons = [{ code: 'lagged_time', text: 'our own event loop held up 7 %' }];
    const text = summaryMarkdown({ ...good, verdict: 'invalid', invalidReasons }, place);
    expect(text.indexOf('says nothing about the platform')).toBeLessThan(text.indexOf('|---|'));
  });

  it('lets nobody else write markup, leave a table, or call people', () => {
    const hostileText = summaryMarkdown(hostile(failing()), place);
    expect(hostileText).not.toMatch(/<(?!\/?(?:details|summary)>)/);
    expect(hostileText).not.toContain('@everyone');
    expect(hostileText).not.toMatch(/http:\/\//);
    const rows = hostileText.split('\n').filter((line) => line.startsWith('| '));
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows) expect(row.replaceAll('\\|', '').split('|')).toHaveLength(8);
  });

  it('fits a comment, whatever there is to say', () => {
    const long = 'x'.repeat(5000);
    const kpis = good.kpis.map((row) => ({ ...row, status: 'no_data' as const, reason: long }));
    const text = summaryMarkdown({ ...good, verdict: 'no_data', kpis, notes: Array(500).fill(long) }, place);
    expect(text.length).toBeLessThan(65_536);
  });
});
