import { EXIT } from '../report/exit-codes.js';
import { createPaint, type Tone } from '../report/style.js';
import { AREAS, type Area, type Finding, type Severity, toChange } from './finding.js';

/** All that a doctor's visit came to; `--json` prints it as it is. */
export interface DoctorReport {
  readonly tool: 'dorami-load doctor';
  readonly version: string;
  readonly atEpochMs: number;
  readonly load: { readonly profile: string; readonly vus: number; readonly durationMs: number };
  /** 0, or 113 when something would spoil the run. */
  readonly exitCode: number;
  readonly counts: Readonly<Record<Severity, number>>;
  /** In the order of the areas. */
  readonly findings: readonly Finding[];
  /** Those that something is to be done about, the most important first. */
  readonly toChange: readonly Finding[];
  /** What was sent to find limits, in words; empty = nothing. */
  readonly probes: readonly string[];
}

const AREA_WORDS: Readonly<Record<Area, string>> = {
  target: 'The platform',
  limits: 'Limits',
  machine: 'This machine',
  configuration: 'Its configuration',
  sources: 'What it can be asked under load',
};

const MARKS: Readonly<Record<Severity, readonly [string, Tone]>> = {
  ok: ['✓', 'good'],
  warning: ['!', 'warn'],
  error: ['✗', 'bad'],
  unknown: ['?', 'dim'],
};

/** Counts and orders the findings, and says how it ends. Pure. */
export function doctorReport(
  about: Pick<DoctorReport, 'version' | 'atEpochMs' | 'load' | 'probes'>,
  findings: readonly Finding[],
): DoctorReport {
  const count = (severity: Severity): number => findings.filter((one) => one.severity === severity).length;
  const error = count('error');
  return {
    ...{ tool: 'dorami-load doctor', ...about },
    exitCode: error > 0 ? EXIT.preflight : EXIT.pass,
    counts: { error, warning: count('warning'), unknown: count('unknown'), ok: count('ok') },
    findings: AREAS.flatMap((area) => findings.filter((one) => one.area === area)),
    toChange: toChange(findings),
  };
}

/** The report for a person: what was found by area, then what to change, in order. */
export function doctorText(report: DoctorReport, color: boolean): string {
  const paint = createPaint(color);
  const { findings, load } = report;
  const lines: string[] = [
    `${load.vus} viewers, profile ${load.profile}, ${Math.round(load.durationMs / 1000)} s`,
  ];
  for (const area of AREAS) {
    const own = findings.filter((one) => one.area === area);
    if (own.length === 0) continue;
    lines.push('', paint(AREA_WORDS[area], 'strong'));
    for (const one of own) {
      const [mark, tone] = MARKS[one.severity];
      lines.push(`  ${paint(mark, tone)} ${one.id.padEnd(16)} ${said(one)}`);
    }
  }
  if (report.toChange.length > 0) lines.push('', paint('What to change, in this order', 'strong'));
  report.toChange.forEach((one, index) => {
    const [mark, tone] = MARKS[one.severity];
    lines.push(`${String(index + 1).padStart(3)}. ${paint(mark, tone)} ${one.id}: ${one.fix ?? ''}`);
    if (one.where !== undefined) lines.push(`       ${paint(one.where, 'dim')}`);
  });
  return [...lines, '', verdictLine(report)].join('\n');
}

function said({ text, where }: Finding): string {
  return where === undefined ? text : `${where}: ${text}`;
}

/** One line: how many of what, and what that means. */
export function verdictLine({ counts, exitCode }: DoctorReport): string {
  const { error, warning, unknown } = counts;
  const parts = [counted(error, 'finding would spoil the run', 'findings would spoil the run')];
  parts.push(counted(warning, 'warning', 'warnings'));
  if (unknown > 0) parts.push(`${unknown} not known`);
  const end = exitCode === EXIT.pass ? 'nothing stands in the way of the run' : 'see above what to change';
  return `${parts.join(', ')}: ${end}`;
}

function counted(count: number, one: string, many: string): string {
  return `${count === 0 ? 'no' : count} ${count === 1 ? one : many}`;
}
