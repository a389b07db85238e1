import { getPriority, setPriority } from 'node:os';
import { startOrigin } from './origin.js';

const WANTED_NICENESS = -10;

/** The origin as a process of its own: says its port to its parent (or on the terminal), ends with it. */
preferMe();
const origin = await startOrigin({ port: Number(process.argv[2] ?? 0) }).catch((cause: Error) => {
  console.error(`the origin cannot start: ${cause.message}`);
  process.exit(1);
});
const end = (): void => void origin.close().then(() => process.exit(0));
process.once('SIGINT', end).once('SIGTERM', end);
if (process.send === undefined) console.log(origin.url);
else {
  process.once('disconnect', end);
  process.send({ port: origin.port });
}

/** It has little to do, but that at its instant: others of this machine may wait. Without the right, it goes on as it is. */
function preferMe(): void {
  try {
    if (getPriority() > WANTED_NICENESS) setPriority(WANTED_NICENESS);
  } catch {
    // Late pieces are noted with each session anyway.
  }
}
