import { createServer, type Socket } from 'node:net';

const SEGMENT = Buffer.alloc(325 * 1024, 0x47);
const PLAYLIST = Buffer.alloc(400, 0x23);
const FLV_WRITES_PER_S = 30;

function closing(type: string, body: Buffer): Buffer {
  const head = `HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: ${body.byteLength}\r\nContent-Type: ${type}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

const ANSWERS: Readonly<Record<string, Buffer>> = {
  '/playlist': closing('application/vnd.apple.mpegurl', PLAYLIST),
  '/segment': closing('video/MP2T', SEGMENT),
};

/** One writer for all streams: the same bytes at the same instants, as a live source sends them. */
function startFlv(): Set<Socket> {
  const viewers = new Set<Socket>();
  const piece = Buffer.alloc(Math.round(SEGMENT.byteLength / FLV_WRITES_PER_S), 0x09);
  const chunk = Buffer.from(`${piece.byteLength.toString(16)}\r\n${piece.toString('latin1')}\r\n`, 'latin1');
  const startMs = performance.now();
  let writes = 0;
  setInterval(() => {
    const due = Math.floor(((performance.now() - startMs) / 1000) * FLV_WRITES_PER_S);
    for (; writes < due; writes++) for (const socket of viewers) socket.write(chunk);
  }, 5);
  return viewers;
}

/** A server that knows three paths: `/playlist`, `/segment` and `/flv`. Sends its port to the parent. */
export function runTransportOrigin(): void {
  const flv = startFlv();
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      const path = text.split(' ')[1] ?? '';
      text = '';
      const answer = ANSWERS[path];
      if (answer) socket.end(answer);
      else {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: video/x-flv\r\n\r\n');
        flv.add(socket);
        socket.once('close', () => flv.delete(socket));
      }
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    process.send?.(typeof address === 'object' ? address?.port : undefined);
  });
}
