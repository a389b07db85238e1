import type { RunRecord } from '../story.js';
import { BOUNDS } from './bounds.js';
import { table } from './document-tables.js';
import { readStory } from './reading.js';
import { medianSide, type Side } from './side.js';

/**
 * The control of running several pages at a time: a condition that was run alone and among others, and what the
 * browser saw of it. Nothing when no condition was run both ways.
 */
export function parallelLines(records: readonly RunRecord[]): readonly string[] {
  const rows = [...new Set(records.map(({ condition }) => condition))].flatMap((condition) =>
    rowsOf(records.filter((record) => record.condition === condition && record.libraries === 'page')),
  );
  if (rows.length === 0) return [];
  return [
    '## Several pages at a time',
    '',
    'Pages ran beside each other. The same condition alone and among others, medians of what the browser saw:',
    '',
    ...table(
      ['condition', 'pages at a time', 'runs', 'first frame', 'all rebuffering', 'median latency'],
      rows,
    ),
    '',
  ];
}

function rowsOf(records: readonly RunRecord[]): readonly (readonly string[])[] {
  const alone = records.filter(({ inParallel }) => inParallel === 1);
  const among = records.filter(({ inParallel }) => inParallel > 1);
  if (alone.length === 0 || among.length === 0) return [];
  return [alone, among].map((group) => {
    const browser = browserOf(group);
    const first = group[0] as RunRecord;
    const most = Math.max(...group.map(({ inParallel }) => inParallel));
    return [
      first.condition,
      `${most}`,
      `${group.length}`,
      ms(browser.firstFrameMs),
      ms(browser.totalMs),
      ms(browser.latencyMs),
    ];
  });
}

function browserOf(records: readonly RunRecord[]): Side {
  return medianSide(
    records.flatMap(({ stories }) =>
      stories
        .filter(({ side }) => side === 'browser')
        .map((story) => readStory(story, BOUNDS, story.watchedMs)),
    ),
  );
}

function ms(value: number | undefined): string {
  return value === undefined ? '-' : `${Math.round(value)} ms`;
}
