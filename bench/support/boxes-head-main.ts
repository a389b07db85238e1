import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Box, BoxHandlers } from '../../src/cluster/box.js';
import { openNatsLink } from '../../src/cluster/nats-link.js';
import type { BoxWork } from '../../src/cluster/protocol.js';
import { RemoteFleet } from '../../src/cluster/remote-fleet.js';
import { seal } from '../../src/cluster/seal.js';
import { createRedact } from '../../src/redact.js';
import { REPORT_METRICS } from '../../src/report/run-curves.js';
import { Intake } from '../../src/run/intake.js';
import { createRunFolder } from '../../src/run/run-folder.js';
import { createClock } from '../../src/seams-node.js';
import { RunSeries } from '../../src/stats/run-series.js';
import type { BoxesJob } from './boxes-job.js';

/**
 * The coordinator's end of the wire and its intake, without a platform, a plan or anybody who looks on: what a tick costs
 * from the broker to the run's folder. Says `started` when run time begins and a line of JSON at its end.
 */
const job = JSON.parse(process.argv[2] ?? '') as BoxesJob;
const out = mkdtempSync(join(tmpdir(), 'dorami-bench-head-'));
const clock = createClock(Date.now());
const link = await openNatsLink({ url: job.url, name: 'coordinator', patienceMs: 10_000 });
const folder = await createRunFolder(out, 'bench', Date.now(), (failure) => console.error(failure));
const series = new RunSeries(job.seconds * 1000, REPORT_METRICS);
const intake = new Intake(folder, createRedact([]), { series });
const handlers: BoxHandlers = {
  onMessage: (_box, worker, message) => intake.take(worker, message),
  onDied: (box, worker, reason) => console.error(`${box}/${worker}: ${reason}`),
  onState: (box, { state, reason }) => console.error(`${box}: ${state}: ${reason}`),
};
const fleet = await RemoteFleet.open({
  ...{ link, clock, run: 'bench', head: 'h1', version: job.version, seal, handlers },
  say: (words) => console.error(words),
});
const hellos = await fleet.find(30_000, job.boxes);
const boxes: Box[] = hellos.map((hello) => fleet.box(hello));
await fleet.listen();
const work = {
  ...{ runId: 'bench', vus: job.boxes, users: 0, insecure: false, seed: 1, mix: {}, profile: {}, traced: [] },
  target: {
    apiUrl: 'http://h',
    socketUrl: 'http://h',
    flvUrl: 'http://h',
    hlsUrl: 'http://h',
    streamKey: 'k',
  },
} as unknown as BoxWork;
await Promise.all(boxes.map((box, vu) => box.prepare(work, { viewers: [{ vu }] })));
const startEpochMs = Date.now() + 2000;
for (const box of boxes) box.send({ kind: 'start', startEpochMs });
console.log('started');
await Promise.all(boxes.map(({ done }) => done));
await fleet.close(true);
await folder.close();
const { tickCount, duplicateCount, workers } = intake.totals;
const gaps = [...workers.values()].reduce((sum, { seqs }) => sum + seqs.gaps, 0);
console.log(JSON.stringify({ tickCount, duplicateCount, gaps, workers: workers.size }));
rmSync(out, { recursive: true, force: true });
process.exit(0);
