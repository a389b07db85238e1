/** Where a finding belongs; in the order in which they are shown. */
export const AREAS = ['target', 'limits', 'machine', 'configuration', 'sources'] as const;

export type Area = (typeof AREAS)[number];

/**
 * - `ok`: looked at, nothing to say
 * - `warning`: the run can be made; what is said should be known when its figures are read
 * - `error`: would spoil the run: it would not begin, would blame the wrong one, or leave mandatory rows without data
 * - `unknown`: could not be looked at, the text says why
 */
export type Severity = 'ok' | 'warning' | 'error' | 'unknown';

/** One thing that was looked at. Own words and figures: no key, no token, no cookie. */
export interface Finding {
  /** Stable name for machines, snake_case. */
  readonly id: string;
  readonly area: Area;
  readonly severity: Severity;
  readonly text: string;
  /** What to change, as an instruction; errors and warnings have one. */
  readonly fix?: string;
  /** `FILE:LINE` of a configuration. */
  readonly where?: string;
}

/** What is to be changed, in the order in which it pays: what spoils the run before what only marks it. */
export function toChange(findings: readonly Finding[]): readonly Finding[] {
  const wanted = (severity: Severity): Finding[] =>
    AREAS.flatMap((area) => findings.filter((one) => one.area === area && one.severity === severity));
  return [...wanted('error'), ...wanted('warning')].filter(({ fix }) => fix !== undefined);
}
