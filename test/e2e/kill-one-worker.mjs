// Loaded into every thread of a run by `node --import`: ends the first worker thread after some seconds, as a
// native crash or an out-of-memory would.
import { isMainThread, threadId } from 'node:worker_threads';

if (!isMainThread && threadId === 1) setTimeout(() => process.exit(9), 8000);
