// Loaded into every thread of a run by `node --import 'block-worker.mjs?at=12&for=300&every=1000'`: holds up the
// event loop of the first worker thread for `for` ms, `at` seconds after it began, once or again and again.
import { isMainThread, threadId } from 'node:worker_threads';

const { searchParams } = new URL(import.meta.url);
const forMs = Number(searchParams.get('for'));
const everyMs = Number(searchParams.get('every'));

function block() {
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs);
}

if (!isMainThread && threadId === 1) {
  setTimeout(
    () => {
      block();
      if (everyMs > 0) setInterval(block, everyMs).unref();
    },
    Number(searchParams.get('at')) * 1000,
  ).unref();
}
