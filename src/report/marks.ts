import type { AlertStories } from './alert-stories.js';
import type { ReportEvent, ReportRecord } from './report-input.js';

/** Something that happened to the run at one moment or over a while, to be drawn over everything else. */
export interface Mark {
  /** Run milliseconds. */
  readonly fromMs: number;
  /** Absent = one moment. */
  readonly toMs?: number;
  /** Short enough for a chart. */
  readonly label: string;
  /** The same in a sentence. */
  readonly words: string;
  /** `fault`: done to the platform on purpose; `own`: happened to the generator or the run; `alert`: seen on the platform. */
  readonly kind: 'fault' | 'own' | 'alert';
  /** Of an alert. */
  readonly isCritical?: boolean;
}

/** A chart with more would be a chart of marks. */
const MAX_MARKS = 60;

/** Alerts beside them: the critical ones come first when there are more. */
const MAX_ALERTS = 30;

/** Everything that was done on purpose, happened to the run itself, or was seen on the platform, by time. */
export function marksOf(
  { stageFaults = [] }: Pick<ReportRecord, 'stageFaults'>,
  events: readonly ReportEvent[],
  alerts?: Pick<AlertStories, 'list'>,
): Mark[] {
  const marks = [
    ...stageFaults.flatMap(plantedMark),
    ...faultMarks(events),
    ...boxMarks(events),
    ...events.flatMap(ownMark),
  ];
  const kept = marks.sort((a, b) => a.fromMs - b.fromMs).slice(0, MAX_MARKS);
  return [...kept, ...alertMarks(alerts?.list ?? [])].sort((a, b) => a.fromMs - b.fromMs);
}

function alertMarks(list: AlertStories['list']): Mark[] {
  const critical = list.filter(({ severity }) => severity === 'critical');
  const others = list.filter(({ severity }) => severity !== 'critical');
  return [...critical, ...others]
    .slice(0, MAX_ALERTS)
    .map(({ words, severity, raisedAtMs, clearedAtMs }) => ({
      fromMs: Math.max(0, raisedAtMs),
      ...(clearedAtMs === undefined ? {} : { toMs: Math.max(0, clearedAtMs) }),
      label: words,
      words: `alert, ${severity}: ${words}${clearedAtMs === undefined ? ', not cleared' : ''}`,
      kind: 'alert',
      isCritical: severity === 'critical',
    }));
}

/** `freeze:at=20,for=2`, as it was given on the command line. */
function plantedMark(text: string): Mark[] {
  const [kind = '', rest = ''] = text.split(/:(.*)/s);
  const parameters = new Map(
    rest.split(',').map((pair) => pair.split('=', 2) as [string, string | undefined]),
  );
  const seconds = (name: string): number => Number(parameters.get(name) ?? Number.NaN);
  const fromMs = Number.isFinite(seconds('at')) ? seconds('at') * 1000 : 0;
  const others = [...parameters].filter(([name]) => name !== 'at' && name !== 'for' && name !== '');
  const detail = others.map(([name, value]) => `${name} ${value ?? ''}`.trim()).join(', ');
  const label = detail === '' ? kind : `${kind} (${detail})`;
  const span = Number.isFinite(seconds('for')) ? { toMs: fromMs + seconds('for') * 1000 } : {};
  return [{ fromMs, ...span, label: kind, words: `planted on the stage: ${label}`, kind: 'fault' }];
}

/** Fault steps of the profile, as they came: each from its begin to its mending, or to the end. */
function faultMarks(events: readonly ReportEvent[]): Mark[] {
  return events
    .filter(({ kind }) => kind === 'fault_started')
    .map(({ atMs, name = 'fault', detail }) => {
      const end = events.find(
        (event) => event.kind === 'fault_ended' && event.name === name && event.atMs >= atMs,
      );
      const words = detail === '' ? `fault “${name}”` : `fault “${name}”: ${detail}`;
      const span = end === undefined ? {} : { toMs: end.atMs };
      return { fromMs: atMs, ...span, label: name, words, kind: 'fault' as const };
    });
}

/** Load boxes that were lost, each until it was back or to the end. */
function boxMarks(events: readonly ReportEvent[]): Mark[] {
  const states = events.filter(({ kind }) => kind === 'box_state');
  return states
    .filter(({ state, name }, i) => state === 'lost' && !isLostAt(states.slice(0, i), name))
    .map(({ atMs, name = '?' }) => {
      const isBack = (event: ReportEvent): boolean => event.name === name && event.state === 'back';
      const back = states.find((event) => isBack(event) && event.atMs >= atMs);
      const span = back === undefined ? {} : { toMs: back.atMs };
      // Why, told later by the box itself, is no later loss.
      const untilMs = back?.atMs ?? Number.POSITIVE_INFINITY;
      const told = states.filter((one) => one.name === name && one.state === 'lost');
      const why = told.findLast((one) => one.atMs >= atMs && one.atMs < untilMs)?.detail ?? '';
      const words = why === '' ? '' : `: ${why}`;
      const label = `box ${name} lost`;
      return {
        fromMs: atMs,
        ...span,
        label,
        words: `load box ${name} was lost${words}`,
        kind: 'own' as const,
      };
    });
}

/** Whether the last of these that is about the box said that it was lost. */
function isLostAt(before: readonly ReportEvent[], name: string | undefined): boolean {
  return before.findLast((event) => event.name === name)?.state === 'lost';
}

/** What happens to a run, by the kind of its event. */
const OWN: Readonly<Record<string, string>> = {
  worker_died: 'a worker died',
  run_stopped: 'stopped',
  stage_died: 'the stage died',
  own_fault: 'fault of ours',
  capture_clock_set: 'a clock was set',
  plan_changed: 'plan changed',
  collector_died: 'the collector died',
  fault_failed: 'a fault could not be made or mended',
  fault_undone: 'a fault was mended for a run that was gone',
};

function ownMark({ kind, atMs, detail }: ReportEvent): Mark[] {
  const label = OWN[kind];
  // A step of an escalation has a phase of its own.
  if (label === undefined || (kind === 'plan_changed' && (detail === '' || detail === 'step'))) return [];
  return [{ fromMs: atMs, label, words: detail === '' ? label : `${label}: ${detail}`, kind: 'own' }];
}

/** Marks that touch a stretch of the run. */
export function marksIn(marks: readonly Mark[], fromMs: number, toMs: number): Mark[] {
  return marks.filter((mark) => mark.fromMs < toMs && (mark.toMs ?? mark.fromMs) >= fromMs);
}
