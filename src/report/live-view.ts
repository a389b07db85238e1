import { uncertaintyWords } from '../clock/clock-words.js';
import { formatBytes, formatClock, formatMoreKinds, formatSpan } from './figures.js';
import { boxWords } from './live-boxes.js';
import { faultFields } from './live-fault.js';
import type { ByProtocol, Health, LiveState } from './live-state.js';
import { createPaint, type Paint, type Tone } from './style.js';
import { padEnd, printable, shorten, widthOf, wrap } from './text-width.js';

export interface ViewSize {
  readonly columns: number;
  readonly rows: number;
}

interface Field {
  readonly text: string;
  readonly tone?: Tone;
}

interface LiveRow {
  readonly label: string;
  /** A terminal with too few rows shows the most important ones. */
  readonly importance: number;
  /** None = there is no such row now. */
  fields(state: LiveState): readonly (Field | string)[];
}

const BOX_TONES = { late: 'warn', lost: 'bad' } as const;
const HEALTH_TONES: Readonly<Record<Health, Tone>> = { ok: 'good', strained: 'warn', invalid: 'invalid' };

/** What is shown below the first line, in order: a figure more is a field more. */
const ROWS: readonly LiveRow[] = [
  {
    label: 'viewers',
    importance: 9,
    fields: ({ wanted, joined, watching, lost }) => [
      `${wanted} wanted`,
      `${joined} joined`,
      `${watching} watching`,
      bad(lost, `${lost} lost`),
    ],
  },
  { label: 'fault', importance: 8.5, fields: faultRow },
  { label: 'boxes', importance: 8.4, fields: boxFields },
  { label: 'alerts', importance: 7.5, fields: alertFields },
  {
    label: 'first frame',
    importance: 4,
    fields: ({ firstFrameMs }) => ['p95', ...byProtocol(firstFrameMs)],
  },
  {
    label: 'now',
    importance: 8,
    fields: ({ rebuffering, frozen, rebuffers }) => [
      bad(rebuffering, `${rebuffering} rebuffering`),
      bad(frozen, `${frozen} frozen`),
      `${rebuffers} rebuffers so far`,
    ],
  },
  {
    label: 'delay',
    importance: 5,
    fields: ({ delayMs, clockUncertaintyMs }) => [
      'p95',
      ...byProtocol(delayMs),
      ...clockField(clockUncertaintyMs),
      { text: 'last 10 s', tone: 'dim' },
    ],
  },
  {
    label: 'chat',
    importance: 3,
    fields: ({ chatMs }) => [`p95 ${formatSpan(chatMs)}`, { text: 'last 10 s', tone: 'dim' }],
  },
  { label: 'errors', importance: 7, fields: errorFields },
  { label: 'generator', importance: 6, fields: generatorFields },
];

function bad(count: number, text: string): Field {
  return count > 0 ? { text, tone: 'bad' } : { text };
}

function faultRow({ fault }: LiveState): readonly (Field | string)[] {
  if (fault === undefined) return [];
  const { what, who, missing } = faultFields(fault);
  return [
    { text: what, tone: fault.state === 'mended' ? 'dim' : 'warn' },
    who,
    ...(missing === undefined ? [] : [{ text: missing, tone: 'bad' as const }]),
  ];
}

/** Boxes that are named; the others are a number. */
const MAX_BOXES = 4;

function boxFields({ boxes }: LiveState): readonly (Field | string)[] {
  if (boxes === undefined) return [];
  const { count, missing } = boxWords(boxes);
  const more = missing.length - MAX_BOXES;
  return [
    count,
    ...missing.slice(0, MAX_BOXES).map(({ text, state }) => ({ text, tone: BOX_TONES[state] })),
    ...(more > 0 ? [`${more} more`] : []),
  ];
}

function byProtocol({ flv, hls }: ByProtocol): string[] {
  return [`FLV ${formatSpan(flv)}`, `HLS ${formatSpan(hls)}`];
}

function clockField(uncertaintyMs: number | 'unknown' | undefined): Field[] {
  if (uncertaintyMs === undefined) return [];
  if (uncertaintyMs === 'unknown') return [{ text: uncertaintyWords(undefined), tone: 'warn' }];
  return [{ text: uncertaintyWords(uncertaintyMs) }];
}

/** Alerts that are told in words; the others are a number. */
const MAX_ALERTS = 2;

/** Critical ones first, then the newest: what was seen, and whether it is still known. */
function alertFields({ alerts }: LiveState): readonly Field[] {
  if (alerts === undefined) return [];
  if (alerts.length === 0) return [{ text: 'none of the platform', tone: 'good' }];
  const critical = alerts.filter(({ severity }) => severity === 'critical');
  const told = [...critical, ...alerts.filter((alert) => !critical.includes(alert))];
  const more = told.length - MAX_ALERTS;
  return [
    ...told.slice(0, MAX_ALERTS).map(({ severity, words, unknownSinceMs }) => ({
      text: `${severity === 'critical' ? 'critical: ' : ''}${printable(words)}${unknownSinceMs === undefined ? '' : `, unknown since ${formatClock(unknownSinceMs)}`}`,
      tone: severity === 'critical' ? ('bad' as const) : ('warn' as const),
    })),
    ...(more > 0 ? [{ text: `and ${more} more` }] : []),
  ];
}

/** Kinds that are named; the others are a number. */
const MAX_KINDS = 5;

function errorFields({ errors }: LiveState): readonly Field[] {
  if (errors.length === 0) return [{ text: 'none', tone: 'good' }];
  const named = errors
    .slice(0, MAX_KINDS)
    .map(({ words, count }) => ({ text: `${words} ${count}`, tone: 'bad' as const }));
  const more = errors.length - named.length;
  return more > 0 ? [...named, { text: formatMoreKinds(more) }] : named;
}

function generatorFields({ generator, boxes }: LiveState): readonly (Field | string)[] {
  const { health, why, loopMs, cpuMsPerViewerSecond, rssBytes, laggedPct } = generator;
  return [
    { text: health, tone: HEALTH_TONES[health] },
    `loop ${formatSpan(loopMs)}`,
    `CPU ${cpuMsPerViewerSecond === undefined ? '-' : cpuMsPerViewerSecond.toFixed(1)} ms/viewer-s`,
    // Over load boxes that of the largest.
    `RSS ${rssBytes === undefined ? '-' : formatBytes(rssBytes)}${boxes === undefined ? '' : ' at most'}`,
    `lagged ${laggedPct === undefined ? '-' : laggedPct.toFixed(1)} %`,
    ...(why === undefined ? [] : [{ text: `so far: ${why}`, tone: 'invalid' as const }]),
  ];
}

const LABEL = 13;
const NARROW_LABEL = 12;
const NARROW = 60;
const MIN_COLUMNS = 20;
const MIN_ROWS = 3;

/**
 * The view of a run: lines of fewer than `columns` columns, fewer than `rows` of them, so that it can be redrawn in
 * place. Pure.
 */
export function renderLiveView(
  state: LiveState,
  size: ViewSize,
  options: { readonly color: boolean },
): string[] {
  const paint = createPaint(options.color);
  const width = Math.max(MIN_COLUMNS, size.columns - 1);
  const blocks = ROWS.filter((row) => row.fields(state).length > 0).map((row) => ({
    importance: row.importance,
    lines: rowLines(row, state, width, paint),
  }));
  blocks.unshift({ importance: 10, lines: headLines(state, width, paint) });
  blocks.push({ importance: 1, lines: [paint(shorten(printable(state.folder), width), 'dim')] });
  let left = Math.max(MIN_ROWS, size.rows - 1);
  const shown = new Set<(typeof blocks)[number]>();
  for (const block of [...blocks].sort((a, b) => b.importance - a.importance)) {
    if (left === 0) break;
    block.lines = block.lines.slice(0, left);
    left -= block.lines.length;
    shown.add(block);
  }
  return blocks.filter((block) => shown.has(block)).flatMap(({ lines }) => lines);
}

function headLines(
  { profile, phase, elapsedMs, totalMs, leaving }: LiveState,
  width: number,
  paint: Paint,
): string[] {
  const leftMs = Math.max(0, totalMs - elapsedMs);
  const where = leaving === undefined ? phase || (leftMs > 0 ? 'starting' : 'ending') : 'leaving';
  const time = `${formatClock(elapsedMs)} of ${formatClock(totalMs)}, ${formatClock(leftMs)} left`;
  const name = shorten(`${printable(profile)} ${printable(where)}`, Math.max(8, width - widthOf(time) - 2));
  const head = `${paint(name, 'strong')}  ${shorten(time, Math.max(1, width - widthOf(name) - 2))}`;
  const room = width - widthOf(head) - 2;
  const lines = [room >= 10 ? `${head}  ${bar(elapsedMs / totalMs, Math.min(room, 40), paint)}` : head];
  if (leaving !== undefined) {
    const words = `${leaving}: viewers are leaving; a second Ctrl-C stops at once`;
    lines.push(...wrap(words, width).map((line) => paint(line, 'warn')));
  }
  return lines;
}

function bar(share: number, width: number, paint: Paint): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return paint('━'.repeat(full), 'good') + paint('─'.repeat(width - full), 'dim');
}

/** Fields in a flow behind the label, as many lines as it takes. */
function rowLines(row: LiveRow, state: LiveState, width: number, paint: Paint): string[] {
  const narrow = width < NARROW;
  const indent = narrow ? NARROW_LABEL : LABEL;
  const gap = narrow ? '  ' : '   ';
  const room = width - indent;
  const lines: string[] = [];
  let line = '';
  for (const field of row.fields(state)) {
    const { text, tone } = typeof field === 'string' ? { text: field } : field;
    for (const piece of wrap(text, room)) {
      const shown = tone ? paint(piece, tone) : piece;
      if (line !== '' && widthOf(line) + gap.length + widthOf(piece) > room) {
        lines.push(line);
        line = shown;
      } else line = line === '' ? shown : `${line}${gap}${shown}`;
    }
  }
  return [...lines, line].map((text, index) => {
    const label = padEnd(index === 0 ? row.label : '', indent);
    return `${index === 0 ? paint(label, 'dim') : label}${text}`;
  });
}
