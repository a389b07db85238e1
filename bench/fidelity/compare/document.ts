import type { RunRecord } from '../story.js';
import { BOUNDS } from './bounds.js';
import { CAUSES, type Cause, explain } from './causes.js';
import { parallelLines } from './control.js';
import { demandResults } from './demands.js';
import {
  conditionTable,
  demandTable,
  marginalTable,
  missTable,
  type Row,
  resultTable,
} from './document-tables.js';
import { CHANGED_SINCE, HOW, MARGINAL, SAME, TITLE, TO_REPEAT } from './document-words.js';
import { type ConditionInfo, compareAll } from './results.js';

/** The machine that ran the bench; no names of hosts. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
}

/**
 * docs/fidelity.md from runs of one model: every number in it is computed here.
 *
 * @param records runs of both sets of libraries
 * @param infos all conditions; only unseen ones are judged, the others are told of where there are no unseen ones
 */
export function fidelityDocument(
  records: readonly RunRecord[],
  infos: readonly ConditionInfo[],
  machine: Machine,
  causes: readonly Cause[] = CAUSES,
): string {
  const rows = compareAll(records, infos, BOUNDS);
  const page = rows.filter(({ libraries, info }) => libraries === 'page' && info.unseen);
  const newest = rows.filter(({ libraries }) => libraries === 'newest');
  return [
    ...TITLE,
    ...resultSection(page, causes),
    ...HOW,
    ...SAME,
    '## The conditions',
    '',
    ...conditionTable(page),
    '',
    ...numbersSection(page),
    ...marginalSection(page),
    ...missSection(page, causes),
    ...newestSection(newest, causes),
    ...parallelLines(records),
    ...versionSection(records, machine),
    ...TO_REPEAT,
    '',
  ].join('\n');
}

function resultSection(page: readonly Row[], causes: readonly Cause[]): readonly string[] {
  const demands = demandResults(page);
  const misses = explain(page, causes);
  const unexplained = misses.filter(({ cause }) => cause === undefined).length;
  const held = demands.every(({ pass }) => pass) ? 'Every demand is met' : 'Not every demand is met';
  const runs = page.reduce((all, row) => all + row.runs, 0);
  const same = page.reduce((all, row) => all + row.sameCountRuns, 0);
  return [
    '## The result',
    '',
    `${held}, over ${page.length} conditions whose seeds were drawn after the last constant of the model was fixed.`,
    `${misses.length} numbers lie outside of their bounds, each with its cause below${unexplained === 0 ? '' : ` except ${unexplained}, which nobody has explained`}.`,
    '',
    ...demandTable(demands),
    '',
    `Medians of the repeats are compared. Taken one by one, ${same} of ${runs} runs had the same number of rebuffers on both sides.`,
    '',
  ];
}

function numbersSection(page: readonly Row[]): readonly string[] {
  return [
    '## The numbers',
    '',
    'Medians over the repeats, the browser above, our viewer below. Milliseconds unless the head of the column says',
    'otherwise; instants since the origin got the first media request of that viewer. Frozen picture, seeks and what was',
    'skipped or shown twice are told, and not judged.',
    '',
    ...resultTable(page),
    '',
  ];
}

function marginalSection(page: readonly Row[]): readonly string[] {
  const some = page.some(({ marginal }) => marginal !== undefined);
  return [...MARGINAL, ...(some ? marginalTable(page) : ['There was none.']), ''];
}

function missSection(rows: readonly Row[], causes: readonly Cause[]): readonly string[] {
  const misses = explain(rows, causes);
  return [
    '## Misses and their causes',
    '',
    ...(misses.length === 0 ? ['There are none.'] : missTable(misses)),
    '',
  ];
}

function newestSection(newest: readonly Row[], causes: readonly Cause[]): readonly string[] {
  if (newest.length === 0) return [];
  const misses = explain(newest, causes);
  return [
    '## The newest versions of the libraries',
    '',
    'The same page with hls.js 1.7.4 and mpegts.js 1.8.2, against our viewer with `--player-profile newest`: once each, and',
    'only where the rules of the versions differ: segments that are lost, cut or out of order.',
    '',
    ...resultTable(newest),
    '',
    ...(misses.length === 0 ? ['No number lies outside of its bound.'] : missTable(misses)),
    '',
  ];
}

function versionSection(records: readonly RunRecord[], machine: Machine): readonly string[] {
  const times = records.map(({ startedEpochMs }) => startedEpochMs);
  const day = (epochMs: number): string => new Date(epochMs).toISOString().slice(0, 10);
  const days = [...new Set([day(Math.min(...times)), day(Math.max(...times))])].join(' to ');
  const unique = (values: readonly string[]): string => [...new Set(values)].sort().join(', ');
  const models = [...new Set(records.map(({ modelVersion }) => modelVersion))];
  return [
    '## Versions, machine, date',
    '',
    `- Libraries: ${unique(records.flatMap(({ libraryVersion }) => libraryVersion.split(', ')))}.`,
    `- Browser: ${unique(records.map(({ chromium }) => chromium))}, headless, decoding in software.`,
    `- Our model: ${unique(records.map(({ modelVersion }) => modelVersion))} (a hash of the code that the verdict depends on).`,
    ...models.flatMap((model) => CHANGED_SINCE[model] ?? []),
    `- Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}.`,
    `- Runs: ${records.length}, ${days} (UTC).`,
    '',
  ];
}
