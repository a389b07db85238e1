/** What one source has to say at one instant, by field of its section (`fields.ts`). */
export type Values = Readonly<Record<string, number>>;

/** Of less a rate says nothing: a server that counts late has all of it in one such moment. */
export const MIN_RATE_SPAN_MS = 500;

/** One look at a source. */
export interface Reading {
  readonly values: Values;
  /** What this source does not tell, by field, with the reason. */
  readonly absent?: Readonly<Record<string, string>>;
  /** What deltas and rates of it were made of: ms since its last good reading; absent = it has none. */
  readonly spanMs?: number;
  /** Its cumulative numbers began anew since then: deltas are left out this once. */
  readonly restarted?: boolean;
  /** Of a source that finds several of a kind by itself (containers): each by its name in the section. */
  readonly parts?: readonly Part[];
}

/** One of several: what it says, or why it says nothing. */
export type Part = { readonly key: string } & (
  | { readonly reading: Omit<Reading, 'parts'> }
  | { readonly gap: string }
);

/** Something that is asked every interval. One that fails throws: its message is the reason of the gap. */
export interface Source {
  /** E.g. `nginx.log`. */
  readonly name: string;
  /** Where its values stand in the line. */
  readonly section: SectionName;
  /** Of a section with several of a kind (processes, endpoints): which one. */
  readonly key?: string;
  /** Must end soon after `signal`; whether it does or not, nobody waits for it longer than its deadline. */
  read(signal: AbortSignal): Promise<Reading>;
  close?(): Promise<void>;
}

export type SectionName =
  | 'docker'
  | 'host'
  | 'generator'
  | 'process'
  | 'nginx'
  | 'srs'
  | 'backend'
  | 'redis'
  | 'postgres'
  | 'metrics';
