import type { RunRecord, Side, Span, Story } from './story.js';

/** Shorter waits are seen by nobody. */
const REBUFFER_MIN_MS = 150;

/** One run in words: the browser's line, ours below it. */
export function printRun(record: RunRecord): string {
  const { condition, repeat, originLagMs, ourLagMs, pageLagMs } = record;
  const head = `${condition} #${repeat}  lag origin ${ms(originLagMs)}, ours ${ms(ourLagMs)}, page ${ms(pageLagMs)}`;
  return [head, line(record, 'browser'), line(record, 'ours'), ...shiftedLines(record)].join('\n');
}

function line(record: RunRecord, side: Side): string {
  const story = record.stories.find((candidate) => candidate.side === side);
  if (story === undefined) return `  ${side.padEnd(10)} nothing`;
  const latency = medianOf(story.latency.map(({ latencyMs }) => latencyMs));
  return [
    `  ${side.padEnd(10)} first ${ms(story.firstFrameMs)}, playing ${ms(story.playingMs)}`,
    `waits ${spans(story.waits, story.watchedMs)}`,
    ...(story.frozen.length > 0 ? [`frozen ${spans(story.frozen, story.watchedMs)}`] : []),
    `latency ${ms(latency)}`,
    ...(story.seeks.length > 0 ? [`seeks ${seeks(story)}`] : []),
    ...(story.skippedMs + story.replayedMs > 0
      ? [`skipped ${ms(story.skippedMs)} replayed ${ms(story.replayedMs)}`]
      : []),
    ...(story.reloadsAtMs.length > 0 ? [`reloads ${story.reloadsAtMs.map(ms).join(' ')}`] : []),
    ...(story.fellBackAtMs === undefined ? [] : [`HLS from ${ms(story.fellBackAtMs)}`]),
    story.endState,
  ].join('; ');
}

/** Only where a shifted viewer saw another number of rebuffers. */
function shiftedLines(record: RunRecord): readonly string[] {
  const countOf = (side: Side): number =>
    longOnes(record.stories.find((story) => story.side === side)).length;
  return (['ours-early', 'ours-late'] as const)
    .filter((side) => countOf(side) !== countOf('ours'))
    .map((side) => line(record, side));
}

function longOnes(story: Story | undefined): readonly Span[] {
  return (story?.waits ?? []).filter(
    ({ fromMs, toMs }) => (toMs ?? story?.watchedMs ?? fromMs) - fromMs >= REBUFFER_MIN_MS,
  );
}

function spans(list: readonly Span[], watchedMs: number): string {
  const long = list.filter(({ fromMs, toMs }) => (toMs ?? watchedMs) - fromMs >= REBUFFER_MIN_MS);
  const micro = list.length - long.length;
  const words = long.map(({ fromMs, toMs }) => `${ms(fromMs)}-${toMs === undefined ? 'end' : ms(toMs)}`);
  return `${words.join(' ') || 'none'}${micro > 0 ? ` (+${micro} micro)` : ''}`;
}

function seeks({ seeks: list }: Story): string {
  const shown = list
    .slice(0, 6)
    .map(
      (seek) =>
        `${ms(seek.atMs)}:${ms(seek.fromMediaMs)}>${ms(seek.toMediaMs)}${seek.cause === undefined ? '' : ` ${seek.cause}`}`,
    );
  return `${shown.join(' ')}${list.length > 6 ? ` and ${list.length - 6} more` : ''}`;
}

function ms(value: number | undefined): string {
  return value === undefined ? '-' : String(Math.round(value));
}

function medianOf(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
