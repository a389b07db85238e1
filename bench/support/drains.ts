import { connect, type Socket } from 'node:net';
import { flvStreamUrl, hlsEntryUrl, type Target } from '../../src/target.js';

export interface DrainOptions {
  readonly target: Target;
  readonly viewers: number;
  readonly spreadMs: number;
}

export interface Drain {
  bytes(): number;
  units(): number;
  stop(): void;
}

/** The rival: sockets that ask once and count what comes, nothing more. */
export function drainFlv({ target, viewers, spreadMs }: DrainOptions): Drain {
  const sockets: Socket[] = [];
  let bytes = 0;
  const url = new URL(flvStreamUrl(target));
  for (let i = 0; i < viewers; i++) {
    setTimeout(
      () => {
        const socket = connect(Number(url.port), url.hostname);
        sockets.push(socket);
        socket.write(`GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`);
        socket.on('data', (chunk) => {
          bytes += chunk.length;
        });
      },
      (i * spreadMs) / viewers,
    );
  }
  return {
    bytes: () => bytes,
    units: () => 0,
    stop: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** The rival for HLS: the same two connections a second, bodies read to their end, the list only searched. */
export function drainHls({ target, viewers, spreadMs }: DrainOptions): Drain {
  let bytes = 0;
  let segments = 0;
  let open = true;
  const entry = new URL(hlsEntryUrl(target));

  function fetch(path: string, keepText: boolean): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(Number(entry.port), entry.hostname);
      let text = '';
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${entry.host}\r\nConnection: close\r\n\r\n`);
      socket.on('data', (chunk) => {
        bytes += chunk.length;
        if (keepText) text += chunk.toString('latin1');
      });
      socket.on('close', () => resolve(text));
      socket.on('error', () => resolve(text));
    });
  }

  async function watch(): Promise<void> {
    const master = await fetch(entry.pathname, true);
    const list = /^\/\S+m3u8\S*$/m.exec(master)?.[0];
    if (list === undefined) throw new Error('no media playlist in the master');
    let last = -1;
    while (open) {
      const dueMs = performance.now() + 1000;
      const listed = (await fetch(list, true)).split('\n').filter((line) => line.includes('.ts'));
      // Everything that is new, as a player does; the newest alone at the start.
      for (const uri of last < 0 ? listed.slice(-1) : listed) {
        const sequence = Number(/-(\d+)\.ts/.exec(uri)?.[1]);
        if (!(sequence > last)) continue;
        last = sequence;
        await fetch(`/live/${uri}`, false);
        segments += 1;
      }
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    }
  }

  for (let i = 0; i < viewers; i++) setTimeout(() => void watch(), (i * spreadMs) / viewers);
  return {
    bytes: () => bytes,
    units: () => segments,
    stop: () => {
      open = false;
    },
  };
}
