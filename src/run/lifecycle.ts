import type { FaultClass } from '../events.js';
import { formatClock } from '../report/figures.js';
import { type BoxStateNews, BoxStories, isBoxFigures, isBoxState } from './box-stories.js';
import type { Ending, WorkerDeath } from './conclude.js';
import type { EventLine } from './event-lines.js';
import { FaultHistory } from './fault-history.js';
import type { BoxFigures } from './fleet.js';
import { isLeftOpen, type LeftOpen, leftOpenWords } from './left-open.js';
import { isPlanChanged, type PlanChanged } from './plan-changed.js';
import { isStepJudged } from './step-event.js';
import type { StepJudged } from './step-judgement.js';

/**
 * What happens to the run itself, as lines of events.ndjson: always written, so that a folder says by itself how
 * its run ended.
 */
export type LifecycleEvent = { readonly atMs: number } & (
  | { readonly kind: 'run_started' }
  /** The run's coordinator was killed, and another process of it went on; `silentFromMs`: the dead one's last word. */
  | { readonly kind: 'coordinator_resumed'; readonly silentFromMs: number }
  | ({ readonly kind: 'worker_died' } & WorkerDeath)
  /** A load box was late, lost or back; `vus` are its viewers. */
  | ({ readonly kind: 'box_state' } & BoxStateNews)
  /** More boxes were lost than might be: all were asked to leave. */
  | { readonly kind: 'boxes_lost'; readonly reason: string }
  | ({ readonly kind: 'box_figures'; readonly box: string } & BoxFigures)
  /** A box did not hear of another one's viewers in the chat room, though that one was there; `detail`: which, for how long. */
  | { readonly kind: 'room_unheard'; readonly box: string; readonly detail: string }
  | { readonly kind: 'run_stopped'; readonly signal: string }
  | { readonly kind: 'stage_died'; readonly reason: string }
  | { readonly kind: 'own_fault'; readonly reason: string }
  | ({ readonly kind: 'plan_changed' } & PlanChanged)
  /** The platform was not watched from then on, until the collector was started again. */
  | { readonly kind: 'collector_died'; readonly reason: string }
  | { readonly kind: 'system_lines_lost'; readonly reason: string }
  | ({ readonly kind: 'left_open' } & LeftOpen)
  /** One level of an escalation was measured and judged. */
  | ({ readonly kind: 'step_judged' } & StepJudged)
  /** `what` in words; the fault counts as begun. */
  | {
      readonly kind: 'fault_started';
      readonly name: string;
      readonly what: string;
      readonly breaks: FaultClass;
      readonly detail?: string;
    }
  /** It was mended; `early`: because the run ended before its time. */
  | { readonly kind: 'fault_ended'; readonly name: string; readonly early?: true; readonly detail?: string }
  /** It could not be made, or not be mended. */
  | {
      readonly kind: 'fault_failed';
      readonly name: string;
      readonly breaks: FaultClass;
      readonly at: 'begin' | 'end';
      readonly reason: string;
    }
  /** The run was gone, and its supervisor mended it. */
  | { readonly kind: 'fault_undone'; readonly name: string; readonly ok: boolean; readonly detail?: string }
  | { readonly kind: 'run_ended'; readonly counts: Readonly<Record<string, number>> }
);

/** Viewer event that names an order; `detail` is its id. */
export const ORDER_CREATED = 'order_created';

/** Ids that are kept for the summary; events.ndjson has more. */
const MAX_ORDER_IDS = 1000;
/** Changes that are told one by one. */
const MAX_CHANGES_TOLD = 20;
/** An escalation has fewer. */
const MAX_STEPS = 1000;
/** No run has so many workers; a file may say anything. */
const MAX_DEATHS = 1000;

/** What a run has come to so far: fed with its events one by one, live or from the file. */
export class EndingLog {
  #completed = false;
  #stoppedBy: string | undefined;
  #ownFault: string | undefined;
  readonly #boxes = new BoxStories();
  #boxesLost: string | undefined;
  readonly #unheard: string[] = [];
  readonly #died: WorkerDeath[] = [];
  readonly #orderIds: string[] = [];
  /** The first of them. */
  readonly #changes: string[] = [];
  #changeCount = 0;
  /** It dies a few times at most. */
  readonly #collector: string[] = [];
  readonly #resumed: string[] = [];
  #tooLong = 0;
  #changed: PlanChanged | undefined;
  #line: PlanChanged['line'];
  #pausedAtMs: number | undefined;
  #leftOpen: LeftOpen | undefined;
  readonly #steps: StepJudged[] = [];
  readonly #faults = new FaultHistory();

  add(event: LifecycleEvent): void {
    switch (event.kind) {
      case 'worker_died':
        if (this.#died.length < MAX_DEATHS) this.#died.push(deathOf(event));
        break;
      case 'box_state':
        if (isBoxState(event)) this.#boxes.news(event);
        break;
      case 'box_figures':
        if (isBoxFigures(event)) this.#boxes.figures(event);
        break;
      case 'boxes_lost':
        this.#boxesLost ??= event.reason;
        break;
      case 'room_unheard':
        this.#addUnheard(event);
        break;
      case 'run_stopped':
        this.#stoppedBy ??= event.signal;
        break;
      case 'stage_died':
      case 'own_fault':
        this.#ownFault ??= event.reason;
        break;
      case 'run_ended':
        this.#completed = true;
        break;
      case 'collector_died':
        this.#addCollector(`the collector of the platform's metrics ${event.reason}`);
        break;
      case 'system_lines_lost':
        this.#addCollector(event.reason);
        break;
      case 'plan_changed':
        if (isPlanChanged(event)) this.#addChange(event);
        break;
      case 'left_open':
        if (isLeftOpen(event)) this.#leftOpen = event;
        break;
      case 'step_judged':
        if (isStepJudged(event) && this.#steps.length < MAX_STEPS) this.#steps.push(stepOf(event));
        break;
      case 'fault_started':
      case 'fault_ended':
      case 'fault_failed':
      case 'fault_undone':
        this.#faults.add(event);
        break;
      case 'coordinator_resumed':
        this.#addResumed(event);
        break;
      case 'run_started':
        break;
    }
  }

  #addUnheard({ box, detail }: { readonly box: unknown; readonly detail: unknown }): void {
    if (typeof box !== 'string' || typeof detail !== 'string') return;
    if (this.#unheard.length < MAX_CHANGES_TOLD) this.#unheard.push(`box ${box} ${detail}`);
  }

  #addResumed({ atMs, silentFromMs }: { readonly atMs: number; readonly silentFromMs: number }): void {
    if (!Number.isFinite(atMs) || !Number.isFinite(silentFromMs) || this.#resumed.length >= MAX_CHANGES_TOLD)
      return;
    const [from, to] = [formatClock(silentFromMs), formatClock(atMs)];
    this.#resumed.push(`the coordinator was gone after ${from}, and went on as a new process at ${to}`);
  }

  #addChange(change: PlanChanged & { readonly atMs: number }): void {
    if (change.words !== '') {
      this.#changeCount++;
      if (this.#changes.length < MAX_CHANGES_TOLD) this.#changes.push(change.words);
    }
    if (change.plan !== undefined) this.#changed = change;
    // Whatever tells the plan to come goes on with it.
    if (change.what === 'pause') this.#pausedAtMs = change.atMs;
    else if (change.plan !== undefined) this.#pausedAtMs = undefined;
    this.#line = change.line;
  }

  #addCollector(words: string): void {
    if (this.#collector.length < MAX_CHANGES_TOLD) this.#collector.push(words);
  }

  addOrder(orderId: string): void {
    if (this.#orderIds.length < MAX_ORDER_IDS) this.#orderIds.push(orderId);
  }

  /** An event as it stands in events.ndjson, whether it is one of these or not; undefined = a line that was too long. */
  addLine(event: EventLine | undefined): void {
    if (event === undefined) {
      this.#tooLong++;
      return;
    }
    const { kind, detail } = event;
    if (kind === ORDER_CREATED && typeof detail === 'string') this.addOrder(detail);
    if (KINDS.has(kind)) this.add(event as unknown as LifecycleEvent);
  }

  ending(): Ending {
    const faults = this.#faults.records();
    const boxes = this.#boxes.all();
    return {
      completed: this.#completed,
      ...(this.#stoppedBy !== undefined ? { stoppedBy: this.#stoppedBy } : {}),
      ...(this.#ownFault !== undefined ? { ownFault: this.#ownFault } : {}),
      workersDied: [...this.#died].sort(byBoxAndWorker),
      notes: this.#told(),
      ...(this.#steps.length > 0 ? { steps: [...this.#steps] } : {}),
      ...(this.#changed?.plan ? { changed: this.#changed.plan } : {}),
      ...(this.#line === undefined ? {} : { line: this.#line }),
      ...(this.#pausedAtMs === undefined ? {} : { pausedAtMs: this.#pausedAtMs }),
      ...(faults.length > 0 ? { faults } : {}),
      ...(boxes.length > 0 ? { boxes } : {}),
      ...(this.#boxesLost === undefined ? {} : { boxesLost: this.#boxesLost }),
      ...(this.#unheard.length > 0 ? { unheard: [...this.#unheard] } : {}),
      ...(this.#orderIds.length > 0 ? { orderIds: [...this.#orderIds] } : {}),
    };
  }

  #told(): string[] {
    const more = this.#changeCount - this.#changes.length;
    return [
      ...this.#changes,
      ...(more > 0 ? [`and ${more} more changes, see events.ndjson`] : []),
      ...(this.#leftOpen === undefined ? [] : [leftOpenWords(this.#leftOpen)]),
      ...this.#collector,
      ...this.#unheard,
      ...this.#resumed,
      ...(this.#tooLong > 0 ? [`lines of events.ndjson that are too long to be read: ${this.#tooLong}`] : []),
    ];
  }
}

function deathOf({ box, worker, vus, reason }: WorkerDeath): WorkerDeath {
  return { ...(box === undefined ? {} : { box }), worker, vus, reason };
}

function byBoxAndWorker(a: WorkerDeath, b: WorkerDeath): number {
  const [first = '', second = ''] = [a.box, b.box];
  return first === second ? a.worker - b.worker : first < second ? -1 : 1;
}

function stepOf({ span, outcome, failed, reason }: StepJudged): StepJudged {
  return { span, outcome, failed, reason };
}

const KINDS: ReadonlySet<string> = new Set([
  'run_started',
  'coordinator_resumed',
  'worker_died',
  'box_state',
  'boxes_lost',
  'box_figures',
  'room_unheard',
  'run_stopped',
  'stage_died',
  'own_fault',
  'plan_changed',
  'collector_died',
  'system_lines_lost',
  'left_open',
  'step_judged',
  'fault_started',
  'fault_ended',
  'fault_failed',
  'fault_undone',
  'run_ended',
]);
