import { once } from 'node:events';
import { checkClockState, FollowedClock } from './clock/clock-state.js';
import { createAllowList } from './net/allow-list.js';
import { createHttpFactory } from './net/http-node.js';
import { createSocketHub } from './net/socket-hub.js';
import type { FromWorker, ToWorker, WorkerResult, WorkerTask } from './protocol.js';
import { changePlan } from './scenarios/live-plan.js';
import { createPlan, phaseAt } from './scenarios/plan.js';
import { createClock } from './seams-node.js';
import { createLagLog } from './stats/lag.js';
import { createRecorder } from './stats/recorder.js';
import { createTokenMint } from './token-mint.js';
import { startLagProbe } from './worker/lag-probe.js';
import { NotableEvents } from './worker/notable.js';
import { OwnClockFollower } from './worker/own-clock.js';
import { SampleWheel } from './worker/sample-wheel.js';
import { startTicker } from './worker/ticker.js';
import { createTraces } from './worker/traces.js';
import { Viewers } from './worker/viewers.js';

/**
 * The one long task of a worker thread: makes the real seams, brings its viewers and sends them away as planned,
 * and posts a tick per second. Resolves when all its viewers have left and everything is sent.
 */
export async function runWorker(task: WorkerTask): Promise<WorkerResult> {
  const { port } = task;
  const post = (message: FromWorker): void => port.postMessage(message);
  post({ kind: 'ready' });
  const [first] = (await once(port, 'message')) as [ToWorker];
  // Nothing else comes before the start.
  if (first.kind !== 'start') return { worker: task.worker, ticks: 0 };
  const clock = createClock(first.startEpochMs);
  const ownClock = new OwnClockFollower(clock, first.ownClock);
  let plan = createPlan(task.profile, task);
  const lag = createLagLog();
  const recorder = createRecorder({
    phaseAt: (atMs) => phaseAt(plan.phases, atMs)?.name ?? '',
    lag,
    box: task.box,
    worker: task.worker,
  });
  const notable = new NotableEvents();
  const tell = (message: FromWorker | undefined): void => {
    if (message) post(message);
  };
  const net = {
    clock,
    allowList: createAllowList(task.allowTargets),
    insecure: task.insecure,
    onNotAllowed(host: string) {
      recorder.count('not_allowed_count', 1, clock.nowMs());
      tell(notable.admit('not_allowed', clock.nowMs(), host.slice(0, 255)));
    },
  };
  const http = createHttpFactory(net);
  const hub = createSocketHub(net);
  const wheel = new SampleWheel(clock);
  const publisherClock = new FollowedClock(
    () => clock.epochMs(),
    checkClockState(task.publisherClock),
    () => ownClock.errorMs(),
  );
  const viewers = new Viewers({
    task,
    plan,
    clock,
    http,
    hub,
    wheel,
    publisherClock,
    ...(task.jwtSecret === undefined ? {} : { mint: createTokenMint(task.jwtSecret, () => clock.epochMs()) }),
    ...(task.traced.length === 0 ? {} : { traceOf: createTraces(task, clock, post) }),
    report(event) {
      recorder.on(event);
      tell(notable.pick(event));
    },
    onInternalError(vu, error) {
      const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      tell(notable.admit('internal_error', clock.nowMs(), words.slice(0, 300), vu));
    },
  });
  const stopProbe = startLagProbe({
    clock,
    onDelay: (delayMs, atMs) => recorder.observe('event_loop_delay_ms', delayMs, atMs),
    onEpisode: (fromMs, toMs) => {
      lag.add(fromMs, toMs);
      recorder.count('lagged_viewer_ms', viewers.activeCount * (toMs - fromMs), toMs);
    },
  });
  const ticker = startTicker({
    clock,
    recorder,
    viewers,
    troubled: notable.troubled,
    localFailures: () => http.stats().localFailureCount + hub.stats().localFailureCount,
    reportsProcess: task.worker === 0,
    post,
  });
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'leave') viewers.leaveAll();
    else if (message.kind === 'replan') {
      plan = changePlan(plan, message.change);
      viewers.replan(plan);
    } else if (message.kind === 'fault') viewers.fault(message.news);
    else if (message.kind === 'own_clock') ownClock.set(message.ownClock);
    else if (message.kind === 'publisher_clock') {
      publisherClock.set(checkClockState(message.state));
      // All threads are told the same: one of them counts it.
      if (message.steppedMs !== undefined && task.worker === 0)
        recorder.observe('capture_clock_step_ms', Math.abs(message.steppedMs), clock.nowMs());
    }
  });
  await viewers.allGone;
  stopProbe();
  wheel.stop();
  const ticks = ticker.finish();
  return { worker: task.worker, ticks };
}
