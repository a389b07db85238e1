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
}

/** A page with more would not be read. */
const MAX_STORIES = 200;

/** Lines of `alerts.ndjson` of a run, one after the other; what is none, or of no run, is left out. */
export class AlertStoryReader {
  readonly #list: { -readonly [K in keyof AlertStory]: AlertStory[K] }[] = [];
  readonly #open = new Map<string, number>();
  #raised = 0;

  add(text: string): void {
    const line = parsed(text);
    if (line?.atMs === undefined) return;
    const key = `${line.id}|${line.name ?? ''}`;
    if (line.kind === 'raised') {
      this.#raised++;
      if (this.#list.length >= MAX_STORIES) return;
      this.#open.set(key, this.#list.length);
      this.#list.push({ words: line.words, severity: line.severity, raisedAtMs: line.atMs });
      return;
    }
    const story = this.#list[this.#open.get(key) ?? -1];
    // A clear that belongs to a raise beyond the list is of another time.
    if (story !== undefined && line.heldMs === line.atMs - story.raisedAtMs) story.clearedAtMs = line.atMs;
  }

  stories(): AlertStories {
    return { list: this.#list, raised: this.#raised };
  }
}

function parsed(text: string) {
  try {
    return alertLineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
