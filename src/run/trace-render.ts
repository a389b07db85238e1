import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromeTrace } from '../trace/chrome-trace.js';
import { type LineOf, MAX_LINE_CHARS, parseLine, type TraceLine } from '../trace/line.js';
import { timelinePage } from '../trace/timeline-page.js';
import { boundedLines } from './bounded-lines.js';
import { traceName } from './trace-folder.js';
import { writeWhole } from './write-whole.js';

/** Lines of one viewer that are held at once: more than a trace of ours may have. */
const MAX_LINES = 400_000;

/** A viewer's trace as it was read. */
export interface ReadTrace {
  /** By time. */
  readonly lines: readonly TraceLine[];
  /** Lines of the file that are none. */
  readonly unreadable: number;
}

/** Reads the files of one viewer in `folder`, those of a run that was killed as well. */
export async function readTrace(folder: string, vu: number): Promise<ReadTrace> {
  const name = traceName(vu);
  const lines: TraceLine[] = [];
  let unreadable = 0;
  for (const part of [`${name}.ndjson`, `${name}.late-1.ndjson`, `${name}.late-2.ndjson`]) {
    for await (const text of boundedLines(piecesOf(join(folder, part)), MAX_LINE_CHARS)) {
      if (text === '') continue;
      const line = text === undefined || lines.length >= MAX_LINES ? undefined : parseLine(text);
      if (line === undefined) unreadable++;
      else lines.push(line);
    }
  }
  return { lines: lastGapOnly(lines).sort((a, b) => a.atMs - b.atMs), unreadable };
}

/** Each file that took its turn tells of all that was dropped before it: the last one knows of everything. */
function lastGapOnly(lines: readonly TraceLine[]): TraceLine[] {
  const gaps = lines.filter((line): line is LineOf<'gap'> => line.kind === 'gap');
  const last = gaps.reduce<LineOf<'gap'> | undefined>(
    (most, gap) => (most === undefined || gap.lines > most.lines ? gap : most),
    undefined,
  );
  return lines.filter((line) => line.kind !== 'gap' || line === last);
}

async function* piecesOf(path: string): AsyncGenerator<string> {
  try {
    for await (const piece of createReadStream(path, 'utf8')) yield piece as string;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** The parts of the page's script, in the order in which they need each other; they share one scope. */
const SCRIPTS = [
  ...['words', 'story', 'moments', 'page', 'lanes', 'lanes-media', 'lanes-platform', 'list'],
  ...['drawing', 'input'],
] as const;

/** The page's own script and style, beside the code. */
async function pageParts(): Promise<{ readonly script: string; readonly style: string }> {
  const read = (name: string) => readFile(new URL(`../../assets/timeline/${name}`, import.meta.url), 'utf8');
  const parts = await Promise.all(SCRIPTS.map((name) => read(`${name}.js`)));
  return { script: `(() => {\n${parts.join('\n')}})();`, style: await read('timeline.css') };
}

/** Paths of what was made of one viewer's trace. */
export interface RenderedTrace {
  readonly vu: number;
  readonly timeline: string;
  readonly lines: string;
  readonly chrome: string;
  readonly lineCount: number;
  readonly unreadable: number;
}

/**
 * Writes `vu-N.timeline.html` and `vu-N.chrome.json` beside `vu-N.ndjson`.
 * @throws the file system's error
 */
export async function renderTrace(folder: string, vu: number): Promise<RenderedTrace> {
  const name = traceName(vu);
  const { lines, unreadable } = await readTrace(folder, vu);
  const timeline = join(folder, `${name}.timeline.html`);
  const chrome = join(folder, `${name}.chrome.json`);
  await writeWhole(timeline, timelinePage({ vu, lines, unreadable, ...(await pageParts()) }));
  await writeWhole(chrome, `${JSON.stringify(chromeTrace(lines))}\n`);
  return { vu, timeline, chrome, lines: join(folder, `${name}.ndjson`), lineCount: lines.length, unreadable };
}

/** Numbers of the viewers that have a trace in `folder`, in order. */
export async function tracedVus(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder);
  const vus = names.flatMap((name) => {
    const found = /^vu-(\d{1,9})\.ndjson$/.exec(name);
    return found ? [Number(found[1])] : [];
  });
  return vus.sort((a, b) => a - b);
}
