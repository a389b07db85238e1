import { alertLineSchema } from '../collect/alert-schema.js';

/** One alert of a run, from its raise on. */
export interface AlertStory {
  readonly words: string;
  readonly severity: 'warning' | 'critical';
  /** Run ms. */
  readonly raisedAtMs: number;
  /** Absent = it was never cleared. */
  readonly clearedAtMs?: number;
}

/** The alerts of a run, by the time of their raise; a bounded number. */
export interface AlertStories {
  readonly list: readonly AlertStory[];
  /** Raised, those beyond the list too. */
  readonly raised: number;
  /** Of them. */
  readonly critical: number;
  /** Never cleared, oldest first: they held at the end, or nothing was known of them any more. A bounded number. */
  readonly open: readonly AlertStory[];
  readonly openCount: number;
  /** The one to look at first: critical before warning, then the longest; absent = none was raised. */
  readonly worst?: AlertStory;
}

/** A page with more would not be read. */
const MAX_STORIES = 200;
const MAX_OPEN = 50;
/** What can hold at a time: thresholds times containers. More come from no run. */
const MAX_AT_A_TIME = 5000;

/** Lines of `alerts.ndjson` of a run, one after the other; what is none, or of no run, is left out. */
export class AlertStoryReader {
  readonly #list: Told[] = [];
  readonly #open = new Map<string, Told>();
  #raised = 0;
  #critical = 0;
  #worst: Told | undefined;

  add(text: string): void {
    const line = parsed(text);
    if (line?.atMs === undefined) return;
    const key = `${line.id}|${line.name ?? ''}`;
    if (line.kind === 'raised') {
      this.#raised++;
      if (line.severity === 'critical') this.#critical++;
      const story: Told = { words: line.words, severity: line.severity, raisedAtMs: line.atMs };
      if (this.#list.length < MAX_STORIES) this.#list.push(story);
      if (this.#open.has(key) || this.#open.size < MAX_AT_A_TIME) this.#open.set(key, story);
      return;
    }
    const story = this.#open.get(key);
    // A clear that belongs to another raise is of another time.
    if (story === undefined || line.heldMs !== line.atMs - story.raisedAtMs) return;
    story.clearedAtMs = line.atMs;
    this.#open.delete(key);
    this.#worst = worse(this.#worst, story);
  }

  stories(): AlertStories {
    const open = [...this.#open.values()];
    const worst = open.reduce(worse, this.#worst);
    return {
      ...{ list: this.#list, raised: this.#raised, critical: this.#critical },
      ...{ open: open.slice(0, MAX_OPEN), openCount: open.length },
      ...(worst === undefined ? {} : { worst }),
    };
  }
}

type Told = { -readonly [K in keyof AlertStory]: AlertStory[K] };

/** Critical before warning, then what held longest; what was never cleared has held longest of all. */
function worse(a: Told | undefined, b: Told): Told {
  if (a === undefined) return b;
  if (a.severity !== b.severity) return a.severity === 'critical' ? a : b;
  return spanMs(b) > spanMs(a) ? b : a;
}

function spanMs({ raisedAtMs, clearedAtMs = Number.POSITIVE_INFINITY }: Told): number {
  return clearedAtMs - raisedAtMs;
}

function parsed(text: string) {
  try {
    return alertLineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
