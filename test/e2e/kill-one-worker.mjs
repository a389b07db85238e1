// Loaded into every thread of a run by `node --import 'kill-one-worker.mjs?at=8'`: ends the first worker thread so
// many seconds after it began, as a native crash or an out-of-memory would.
import { isMainThread, threadId } from 'node:worker_threads';

const atS = Number(new URL(import.meta.url).searchParams.get('at') ?? 8);
if (!isMainThread && threadId === 1) setTimeout(() => process.exit(9), atS * 1000);
