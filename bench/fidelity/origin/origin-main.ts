import { startOrigin } from './origin.js';

/** The origin as a process of its own: says its port to its parent (or on the terminal), ends with it. */
const origin = await startOrigin({ port: Number(process.argv[2] ?? 0) });
const end = (): void => void origin.close().then(() => process.exit(0));
process.once('SIGINT', end).once('SIGTERM', end);
if (process.send === undefined) console.log(origin.url);
else {
  process.once('disconnect', end);
  process.send({ port: origin.port });
}
