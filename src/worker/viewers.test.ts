import { describe, expect, it } from 'vitest';
import { unsignedToken } from '../../test/support/token-platform.js';
import { VirtualClock } from '../../test/support/virtual-clock.js';
import type { ReportedEvent } from '../events.js';
import type { HttpFactory } from '../net/http-node.js';
import type { WorkerTask } from '../protocol.js';
import { changePlan } from '../scenarios/live-plan.js';
import { createPlan, type Plan, vusOfWorker } from '../scenarios/plan.js';
import type { Profile } from '../scenarios/profile.js';
import type { Http, SocketHub } from '../seams.js';
import { SampleWheel } from './sample-wheel.js';
import { Viewers, type ViewersDeps } from './viewers.js';

/** Four viewers come within 4 s, stay 2 s and go within 4 s: the drawing of plan.ts. */
const profile: Profile = {
  name: 'test',
  title: '',
  stages: [
    { name: 'ramp', role: 'ramp', durationMs: 4000, fromShare: 0, toShare: 1 },
    { name: 'hold', role: 'hold', durationMs: 2000, fromShare: 1, toShare: 1 },
    { name: 'drain', role: 'drain', durationMs: 4000, fromShare: 1, toShare: 0 },
  ],
  rates: {},
  judges: [],
  defaults: { vus: 4, mix: { hls: 50, flv: 50 } },
};

/** A platform that does not answer: what viewers see of it is not the matter here. */
const silentHttp: Http = {
  stream: () => () => {},
  text: () => new Promise(() => {}),
  close: () => {},
};
const silentHub: SocketHub = {
  open: () => ({
    namespace: () => ({ connect() {}, emit: () => false, connected: false, disconnect() {} }),
    close() {},
  }),
};

function taskOf(worker: number, workers: number): WorkerTask {
  return {
    ...{ worker, workers, profile, vus: 4, seed: 1, mix: profile.defaults.mix, playerProfile: 'page' },
    own: vusOfWorker(4, worker, workers).map((vu) => ({ vu })),
    target: {
      apiUrl: 'http://h',
      socketUrl: 'http://h',
      flvUrl: 'http://h',
      hlsUrl: 'http://h',
      streamKey: 'k',
    },
    ...{ allowTargets: [], localIps: [], writes: true, runId: 'run' },
    roster: new SharedArrayBuffer(workers * Int32Array.BYTES_PER_ELEMENT),
  } as unknown as WorkerTask;
}

function setup(worker = 0, workers = 1, changes: Partial<ViewersDeps> = {}) {
  const clock = new VirtualClock();
  const plan = createPlan(profile, { vus: 4, seed: 1, mix: profile.defaults.mix });
  const task = taskOf(worker, workers);
  const log: string[] = [];
  const faults: unknown[] = [];
  const viewers = new Viewers({
    task,
    plan,
    clock,
    http: { forViewer: () => silentHttp } as HttpFactory,
    hub: { forViewer: () => silentHub },
    wheel: new SampleWheel(clock),
    publisherClock: { offsetMs: () => 0, uncertaintyMs: () => 0, coversServers: true },
    report: ({ vuId, event }: ReportedEvent) => {
      if (event.kind === 'vu_started') log.push(`${vuId} came at ${event.atMs}`);
      if (event.kind === 'vu_left') log.push(`${vuId} left ${event.reason}`);
    },
    onInternalError: (_vu, error) => faults.push(error),
    ...changes,
  });
  let gone = false;
  void viewers.allGone.then(() => {
    gone = true;
  });
  const advance = (ms: number): Promise<void> => clock.run(ms);
  return { viewers, log, faults, advance, isGone: () => gone };
}

describe('Viewers', () => {
  it('come and go at their planned times', async () => {
    const { viewers, log, faults, advance, isGone } = setup();
    await advance(3500);
    expect(log).toEqual(['0 came at 0', '1 came at 1000', '2 came at 2000', '3 came at 3000']);
    expect(viewers.activeCount).toBe(4);
    expect(viewers.census()).toMatchObject({ active: 4, joined: 0, watching: 0, rebuffering: 0, frozen: 0 });
    await advance(4400); // VU 3 leaves at 7 s, VU 2 at 8 s
    expect(log.slice(4)).toEqual(['3 left planned']);
    expect(viewers.activeCount).toBe(3);
    await advance(3100);
    expect(log.slice(4).sort()).toEqual([
      '0 left planned',
      '1 left planned',
      '2 left planned',
      '3 left planned',
    ]);
    expect(isGone()).toBe(true);
    expect(faults).toEqual([]);
  });

  it('all leave when they are told to, and nobody comes any more', async () => {
    const { viewers, log, advance, isGone } = setup();
    await advance(1500);
    viewers.leaveAll();
    await advance(9000);
    expect(log).toEqual(['0 came at 0', '1 came at 1000', '0 left stopped', '1 left stopped']);
    expect(isGone()).toBe(true);
  });

  it('come again with the tokens that they left with', async () => {
    const made: string[] = [];
    const plan = createPlan(profile, { vus: 1, seed: 1, mix: profile.defaults.mix });
    const stays = [
      { joinAtMs: 0, leaveAtMs: 1000 },
      { joinAtMs: 3000, leaveAtMs: 4000 },
    ];
    const identity = { userId: 'u0', accessToken: unsignedToken({ exp: 1 }) };
    const { faults, advance, isGone } = setup(0, 1, {
      plan: { ...plan, staysOf: () => stays },
      task: { ...taskOf(0, 1), own: [{ vu: 0, identity }] },
      mint: async ({ accessToken }) => {
        made.push(accessToken ?? '');
        return unsignedToken({ exp: 9e9 });
      },
    });
    await advance(6000);
    expect([made, isGone(), faults]).toEqual([[identity.accessToken], true, []]);
  });

  describe('under a plan that changes', () => {
    const live = (): Partial<ViewersDeps> => ({ task: { ...taskOf(0, 1), live: true } });
    const change = (atMs: number, segments: readonly (readonly [number, number, number])[]): Plan =>
      changePlan(createPlan(profile, { vus: 4, seed: 1, mix: profile.defaults.mix }), {
        atMs,
        segments: segments.map(([durationMs, fromVus, toVus]) => {
          return { name: 'late', role: 'hold' as const, durationMs, fromVus, toVus };
        }),
      });

    it('come and go by the new one from then on', async () => {
      const { viewers, log, advance, isGone } = setup(0, 1, live());
      await advance(2500);
      viewers.replan(
        change(3000, [
          [1000, 1, 1],
          [1000, 3, 3],
        ]),
      );
      await advance(1400);
      expect(log).toEqual([
        '0 came at 0',
        '1 came at 1000',
        '2 came at 2000',
        '1 left planned',
        '2 left planned',
      ]);
      await advance(1600);
      expect(log.slice(5).filter((line) => line.includes('came'))).toEqual([
        '1 came at 4000',
        '2 came at 4000',
      ]);
      await advance(500);
      expect([viewers.activeCount, isGone()]).toEqual([0, true]);
    });

    it('stay beyond the end that they were planned with', async () => {
      const { viewers, log, advance, isGone } = setup(0, 1, live());
      await advance(6500);
      viewers.replan(change(6600, [[20_000, 4, 4]]));
      await advance(19_000);
      expect([viewers.activeCount, isGone()]).toEqual([4, false]);
      expect(log.filter((line) => line.includes('left'))).toEqual([]);
    });

    it('wait for what may still come while nobody is there', async () => {
      const { viewers, advance, isGone } = setup(0, 1, live());
      await advance(2500);
      viewers.replan(change(2600, [[5000, 0, 0]]));
      await advance(3000);
      expect([viewers.activeCount, isGone()]).toEqual([0, false]);
      viewers.replan(change(6000, [[2000, 2, 2]]));
      await advance(1000);
      expect(viewers.activeCount).toBe(2);
      await advance(2500);
      expect(isGone()).toBe(true);
    });

    it('do not come again in a stay that ended by a fault of ours', async () => {
      const { viewers, faults, advance } = setup(0, 1, {
        http: {
          forViewer: () => {
            throw new Error('no connection');
          },
        } as unknown as HttpFactory,
      });
      await advance(5000);
      expect([faults.length, viewers.activeCount]).toEqual([4, 0]);
    });

    it('no longer come once they were told to leave', async () => {
      const { viewers, log, advance, isGone } = setup();
      await advance(1500);
      viewers.leaveAll();
      viewers.replan(change(2000, [[9000, 4, 4]]));
      await advance(3000);
      expect([isGone(), log.length]).toEqual([true, 4]);
    });
  });

  it('that never came are gone at once when they are told to leave', async () => {
    const { viewers, log, advance, isGone } = setup();
    viewers.leaveAll();
    await advance(250);
    expect(isGone()).toBe(true);
    expect(log).toEqual([]);
  });

  it('of another worker are none of ours', async () => {
    const { log, advance } = setup(1, 2);
    await advance(3500);
    expect(log).toEqual(['1 came at 1000', '2 came at 2000']);
  });
});
