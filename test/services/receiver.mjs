/** Takes what comes on port 7000, and says at its end how many bits came in a second, from the first to the last. */
import { createServer } from 'node:net';

createServer({ allowHalfOpen: true }, (socket) => {
  let bytes = 0;
  let fromMs;
  socket.on('error', () => {});
  socket.on('data', (data) => {
    // What comes at once with the first is not measured.
    if (fromMs === undefined) fromMs = performance.now();
    else bytes += data.length;
  });
  socket.once('end', () => socket.end(String((8 * bytes) / ((performance.now() - fromMs) / 1000))));
}).listen(7000, () => console.log('ready'));
