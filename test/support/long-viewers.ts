import { FollowedClock } from '../../src/clock/clock-state.js';
import type { HttpFactory } from '../../src/net/http-node.js';
import type { FromWorker, WorkerTask } from '../../src/protocol.js';
import { phaseAt } from '../../src/scenarios/plan.js';
import { createLagLog } from '../../src/stats/lag.js';
import { createRecorder } from '../../src/stats/recorder.js';
import { readToken } from '../../src/token-claims.js';
import { NotableEvents } from '../../src/worker/notable.js';
import { SampleWheel } from '../../src/worker/sample-wheel.js';
import { startTicker } from '../../src/worker/ticker.js';
import { Viewers } from '../../src/worker/viewers.js';
import { LongClock } from './long-clock.js';
import type { LongRun } from './long-run.js';
import { MemoryHub } from './memory-hub.js';
import { SMALL_TARGET, SmallPlatform } from './small-platform.js';

/** A real run writes one a second; packing its histograms costs more than 20 viewers do, so here it is one in five. */
const TICK_MS = 5000;

/** A worker as it is, on virtual time, in front of a platform in memory; its ticks go to the run's own intake. */
export class LongViewers {
  readonly clock = new LongClock();
  readonly platform = new SmallPlatform(this.clock);
  readonly hub = new MemoryHub(this.clock);
  readonly faults: unknown[] = [];
  reported = 0;
  readonly viewers: Viewers;
  private readonly finish: () => void;
  private isGone = false;

  constructor(run: LongRun) {
    const { clock, platform, hub } = this;
    const { config, plan, intake } = run;
    hub.platform.keepsReceived = false;
    hub.platform.identify = (cookie) => userOf(/accessToken=([^;]+)/.exec(cookie)?.[1]);
    const task = {
      ...{ worker: 0, workers: 1, profile: config.profile, vus: config.vus, users: config.vus },
      ...{ seed: config.seed, mix: config.mix, behaviour: config.behaviour },
      playerProfile: config.playerProfile,
      own: Array.from({ length: config.vus }, (_, vu) => ({ vu, identity: platform.issue(`u${vu}`) })),
      ...{ target: SMALL_TARGET, allowTargets: [], insecure: false, localIps: [], writes: true },
      ...{ emptiesCarts: false, runId: 'run', traced: [], publisherClock: { kind: 'same', servers: true } },
      roster: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT),
    } as unknown as WorkerTask;
    const recorder = createRecorder({
      ...{ lag: createLagLog(), box: 'local', worker: 0 },
      phaseAt: (atMs) => phaseAt(plan.phases, atMs)?.name ?? '',
    });
    const notable = new NotableEvents();
    const post = (message: FromWorker | undefined): void => {
      if (message !== undefined) intake.take(0, message);
    };
    const wheel = new SampleWheel(clock);
    const http: HttpFactory = {
      forViewer: () => platform.http(),
      stats: () => ({ localFailureCount: 0 }) as ReturnType<HttpFactory['stats']>,
    };
    this.viewers = new Viewers({
      ...{ task, plan, clock, http, wheel },
      hub: { forViewer: () => hub },
      publisherClock: new FollowedClock(() => clock.epochMs(), { kind: 'same', servers: true }),
      report: (event) => {
        this.reported++;
        recorder.on(event);
        post(notable.pick(event));
      },
      onInternalError: (_vu, error) => this.faults.push(error),
    });
    void this.viewers.allGone.then(() => {
      this.isGone = true;
    });
    const { viewers } = this;
    const ticker = startTicker({
      ...{
        clock,
        recorder,
        viewers,
        troubled: notable.troubled,
        localFailures: () => 0,
        reportsProcess: false,
        post,
        everyMs: TICK_MS,
      },
    });
    this.finish = () => {
      wheel.stop();
      ticker.finish();
    };
  }

  /** Lets time pass until all have left. @throws Error when somebody stays */
  async end(planMs: number): Promise<void> {
    await this.clock.runTo(planMs + 5000);
    if (!this.isGone) throw new Error(`${this.viewers.activeCount} viewers did not leave`);
    this.finish();
  }
}

function userOf(token: string | undefined): string | undefined {
  return token === undefined || readToken(token) === undefined ? undefined : token.split('.')[1];
}
