// In place of a thread of viewers: says that it is ready, and from the start on one tick every 200 ms until the plan is
// over or it is told to leave. FAKE_DEATH=BOX:WORKER:MS ends that thread so many ms after the start, as a crash would.
import { once } from 'node:events';

const { createPlan } = await import(new URL('../../../dist/scenarios/plan.js', import.meta.url));
const EVERY_MS = 200;

export async function runWorker(task) {
  const { port, box, worker, own } = task;
  port.postMessage({ kind: 'ready' });
  const [first] = await once(port, 'message');
  if (first.kind !== 'start') return { worker, ticks: 0 };
  const { totalMs } = createPlan(task.profile, task);
  let leaves = false;
  const left = new Promise((resolve) => {
    port.on('message', ({ kind }) => {
      if (kind !== 'leave') return;
      leaves = true;
      resolve();
    });
  });
  const now = () => performance.timeOrigin + performance.now() - first.startEpochMs;
  const [deadBox, deadWorker, deadAtMs] = (process.env.FAKE_DEATH ?? '').split(':');
  if (deadBox === box && Number(deadWorker) === worker)
    setTimeout(() => process.exit(9), now() + Number(deadAtMs));
  let seq = 0;
  const tick = (last) => {
    const fromMs = seq * EVERY_MS;
    const count = 1 + ((seq * 7 + worker * 3) % 11);
    const tick = {
      ...{ v: 1, box, worker, seq, fromMs, toMs: fromMs + EVERY_MS, histograms: {} },
      counters: { 'frame_count|hold|flv': count },
      gauges: { vus_active_count: own.length, vus_joined_count: own.length },
      ...(last ? { last: true } : {}),
    };
    seq += 1;
    port.postMessage({ kind: 'tick', tick });
  };
  while (!leaves && now() < totalMs) {
    const waitMs = (seq + 1) * EVERY_MS - now();
    if (waitMs > 0) await Promise.race([left, new Promise((resolve) => setTimeout(resolve, waitMs))]);
    // A process that stood still does not make up for the time.
    tick(false);
  }
  tick(true);
  port.close();
  return { worker, ticks: seq };
}
