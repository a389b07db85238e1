import { createAllowList } from '../../src/net/allow-list.js';
import { createHttpFactory } from '../../src/net/http-node.js';
import { createPagePlayer } from '../../src/players/page-player.js';
import type { Player } from '../../src/players/player.js';
import { DORAMI_PAGE } from '../../src/players/profiles.js';
import { createRng } from '../../src/rng.js';
import { createClock } from '../../src/seams-node.js';
import { createLagLog } from '../../src/stats/lag.js';
import { createRecorder } from '../../src/stats/recorder.js';
import type { Target } from '../../src/target.js';
import { drainFlv, drainHls } from './drains.js';
import type { BenchJob, BenchResult } from './job.js';

/**
 * The generator's side of one measurement, in a process of its own so that its CPU is its alone: joins `viewers`
 * viewers (or bare drains), lets them settle, and measures CPU, bytes and memory over `seconds`.
 */
const job = JSON.parse(process.argv[2] ?? '') as BenchJob;

const JOIN_SPREAD_MS = 3000;

interface Load {
  bytes(): number;
  /** What proves that the work was done: tags or segments read, requests made. */
  units(): number;
  /** Viewers that did not start or changed their protocol: then the figure is of other work. */
  failures?(): number;
  stop(): void;
}

function players(target: Target): Load {
  const clock = createClock(Date.now());
  const factory = createHttpFactory({ clock, allowList: createAllowList([]) });
  const recorder = createRecorder({ phaseAt: () => 'hold', lag: createLagLog(), box: 'local', worker: 0 });
  const joined: { player: Player; close: () => void }[] = [];
  let bytes = 0;
  let units = 0;
  let failures = 0;
  const startWith = job.mode === 'flv-viewer' ? 'flv' : 'hls';
  for (let vuId = 0; vuId < job.viewers; vuId++) {
    setTimeout(
      () => {
        const http = factory.forViewer();
        const player = createPagePlayer({
          clock,
          http,
          rng: createRng(1, vuId),
          emit: (event) => {
            if (event.kind === 'watched') {
              bytes += event.bytes;
              units += startWith === 'flv' ? event.tags : event.segments;
            } else if (event.kind === 'protocol_switched' || event.kind === 'start_failed') failures += 1;
            recorder.on({ vuId, joinProtocol: startWith, event });
          },
          target,
          profile: DORAMI_PAGE,
          headers: { 'user-agent': 'bench' },

          startWith,
        });
        player.start();
        joined.push({ player, close: () => http.close() });
      },
      (vuId * JOIN_SPREAD_MS) / job.viewers,
    );
  }
  const ticker = setInterval(() => {
    const nowMs = clock.nowMs();
    for (const { player } of joined) player.sample(nowMs);
    recorder.takeTick(nowMs);
  }, 1000);
  return {
    bytes: () => bytes,
    units: () => units,
    failures: () => failures,
    stop() {
      clearInterval(ticker);
      for (const { player, close } of joined) {
        player.stop();
        close();
      }
    },
  };
}

function load(): Load {
  if (job.mode === 'flv-viewer' || job.mode === 'hls-viewer') return players(job.target);
  const options = { target: job.target, viewers: job.viewers, spreadMs: JOIN_SPREAD_MS };
  return job.mode === 'flv-drain' ? drainFlv(options) : drainHls(options);
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const rssEmptyBytes = process.memoryUsage.rss();
const running = load();
await sleep(JOIN_SPREAD_MS + job.settleSeconds * 1000);
const cpu = process.cpuUsage();
const bytesBefore = running.bytes();
const unitsBefore = running.units();
const startedAtMs = performance.now();
await sleep(job.seconds * 1000);
const spent = process.cpuUsage(cpu);
const seconds = (performance.now() - startedAtMs) / 1000;
const result: BenchResult = {
  cpuMsPerViewerSecond: (spent.user + spent.system) / 1000 / job.viewers / seconds,
  bitsPerSPerViewer: ((running.bytes() - bytesBefore) * 8) / job.viewers / seconds,
  unitsPerViewerSecond: (running.units() - unitsBefore) / job.viewers / seconds,
  rssBytes: process.memoryUsage.rss(),
  rssEmptyBytes,
  failures: running.failures?.() ?? 0,
};
running.stop();
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
