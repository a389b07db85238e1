/** The parts of a platform that are looked at before a run. */
export type PreflightPart = 'tokens' | 'clock' | 'rest' | 'sockets' | 'flv' | 'hls' | 'stamps';

/** One line of the preflight: what was seen of one part, and whether a user should think twice. */
export interface PreflightCheck {
  readonly part: PreflightPart;
  /** A warning says what the run will probably judge; it refuses nothing. */
  readonly status: 'ok' | 'warning';
  /** Bounded, our own words and figures: no key, no token, no URL. */
  readonly text: string;
}

/** What a short look at the platform came to, for the terminal, `run.json` and the notes of the summary. */
export interface PreflightReport {
  /** How long the whole look took, ms. */
  readonly tookMs: number;
  readonly checks: readonly PreflightCheck[];
}

const NAMES: Readonly<Record<PreflightPart, string>> = {
  tokens: 'tokens',
  clock: 'clock',
  rest: 'REST',
  sockets: 'sockets',
  flv: 'FLV',
  hls: 'HLS',
  stamps: 'stamps',
};

/** The report as lines for a terminal, one per part. */
export function preflightLines({ checks, tookMs }: PreflightReport): string[] {
  const warnings = checks.filter(({ status }) => status === 'warning').length;
  const found = warnings === 0 ? 'nothing to warn of' : `${warnings} warning${warnings > 1 ? 's' : ''}`;
  return [
    ...checks.map(
      ({ part, status, text }) =>
        `preflight  ${status === 'ok' ? '✓' : '!'} ${NAMES[part].padEnd(8)} ${text}`,
    ),
    `preflight  ${found}, ${(tookMs / 1000).toFixed(1)} s`,
  ];
}

/** Its warnings as notes for the summary. */
export function preflightNotes({ checks }: PreflightReport): string[] {
  return checks
    .filter(({ status }) => status === 'warning')
    .map(({ part, text }) => `before the run, ${NAMES[part]}: ${text}`);
}
