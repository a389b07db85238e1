// Loaded into every thread of a run by `node --import`: a fault of our own in the main thread, after some seconds.
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.argv.includes('run')) {
  setTimeout(() => {
    throw new Error('planted');
  }, 7000);
}
