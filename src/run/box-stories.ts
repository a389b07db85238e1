import type { BoxState } from '../cluster/box.js';
import type { BoxFigures } from './fleet.js';

/** News of one box, as it stands in events.ndjson. */
export interface BoxStateNews {
  readonly box: string;
  readonly state: BoxState;
  /** Its viewers. */
  readonly vus: number;
  readonly reason: string;
}

/** A time in which a box gave no sign of life, run ms. */
export interface Silence {
  readonly fromMs: number;
  /** Absent = it never came back. */
  readonly toMs?: number;
  /** Lost: so long that its viewers counted as gone. */
  readonly state: 'late' | 'lost';
}

/** What became of one box. */
export interface BoxStory {
  readonly box: string;
  /** It was lost and did not come back: its viewers were there no more. */
  readonly isGone: boolean;
  /** Why it was lost last; absent = it never was. */
  readonly lostBy?: string;
  readonly lostAtMs?: number;
  readonly silences: readonly Silence[];
  readonly figures?: BoxFigures;
}

interface Story {
  silences: Silence[];
  open: { fromMs: number; state: 'late' | 'lost' } | undefined;
  lostBy?: string;
  lostAtMs?: number;
  figures?: BoxFigures;
}

/** More of one box are counted as one. */
const MAX_SILENCES = 50;
const MAX_BOXES = 500;

/** What became of the boxes of a run: fed with its events one by one. */
export class BoxStories {
  readonly #stories = new Map<string, Story>();

  news({ box, state, reason, atMs }: BoxStateNews & { readonly atMs: number }): void {
    const story = this.#of(box);
    if (story === undefined) return;
    if (state === 'back') {
      if (story.open && story.silences.length < MAX_SILENCES)
        story.silences.push({ ...story.open, toMs: atMs });
      story.open = undefined;
      return;
    }
    const wasLost = story.open?.state === 'lost';
    story.open = { fromMs: story.open?.fromMs ?? atMs, state };
    if (state !== 'lost') return;
    // Why, said later by itself, is no later loss.
    story.lostBy = reason;
    if (!wasLost) story.lostAtMs = atMs;
  }

  figures({ box, ...figures }: BoxFigures & { readonly box: string }): void {
    const story = this.#of(box);
    if (story !== undefined) story.figures = figuresOf(figures);
  }

  /** By name. */
  all(): BoxStory[] {
    return [...this.#stories]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([box, { silences, open, lostBy, lostAtMs, figures }]) => ({
        box,
        isGone: open?.state === 'lost',
        ...(lostBy === undefined ? {} : { lostBy }),
        ...(lostAtMs === undefined ? {} : { lostAtMs }),
        silences: open === undefined ? [...silences] : [...silences, open],
        ...(figures === undefined ? {} : { figures }),
      }));
  }

  #of(box: string): Story | undefined {
    const known = this.#stories.get(box);
    if (known !== undefined || this.#stories.size >= MAX_BOXES) return known;
    const story: Story = { silences: [], open: undefined };
    this.#stories.set(box, story);
    return story;
  }
}

/** `b2 was lost at 0:12: no sign of life for 5.4 s`; boxes that were never lost have none. */
export function lossWords({ box, lostBy, lostAtMs, isGone }: BoxStory): string | undefined {
  if (lostBy === undefined || lostAtMs === undefined) return undefined;
  const at = `${Math.round(lostAtMs / 100) / 10} s`;
  return `box ${box} was lost at ${at}: ${lostBy}${isGone ? '' : ', and came back'}`;
}

const COUNTS = ['received', 'duplicates', 'missing', 'garbage'] as const;
const MAYBE = ['clockOffsetMs', 'clockErrorMs', 'clockDriftMsPerHour', 'unsaved'] as const;

function figuresOf(of: BoxFigures): BoxFigures {
  const { received, duplicates, missing, garbage } = of;
  const known = MAYBE.flatMap((name) => (of[name] === undefined ? [] : [[name, of[name]] as const]));
  return { received, duplicates, missing, garbage, ...Object.fromEntries(known) };
}

/** Whether a line of a file is what it should be. */
export function isBoxState(event: Partial<Record<keyof BoxStateNews | 'atMs', unknown>>): boolean {
  const { box, state, vus, reason, atMs } = event;
  return (
    isName(box) &&
    (state === 'late' || state === 'lost' || state === 'back') &&
    Number.isInteger(vus) &&
    typeof reason === 'string' &&
    Number.isFinite(atMs)
  );
}

/** Whether a line of a file is what it should be. */
export function isBoxFigures(event: Partial<Record<keyof BoxFigures | 'box', unknown>>): boolean {
  return (
    isName(event.box) &&
    COUNTS.every((name) => Number.isInteger(event[name])) &&
    MAYBE.every((name) => event[name] === undefined || Number.isFinite(event[name]))
  );
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= 64;
}
